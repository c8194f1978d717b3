#!/bin/bash -e

unit=$1
install -m 644 files/$unit "${ROOTFS_DIR}/etc/"
on_chroot << EOF
cd "/home/${FIRST_USER_NAME}"
echo 😀 \$HOME/app
today=\`date\`
echo "\$today" > /etc/built
EOF
on_chroot << 'EOF'
for file in $(ls /opt/app); do
	chmod 644 /opt/app/$file
done
EOF
