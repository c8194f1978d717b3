#!/bin/bash -e

on_chroot << EOF
for user in ${FIRST_USER_NAME} root
	mkdir -p "/home/\$user/app"
done
EOF

on_chroot << 'EOF'
if systemctl is-enabled ssh; then
	echo "ssh is on
fi
EOF

on_chroot -c 'case "$(id -u)" in 0) echo root;;'
