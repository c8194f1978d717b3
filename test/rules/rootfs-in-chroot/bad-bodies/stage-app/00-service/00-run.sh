#!/bin/bash -e

on_chroot << EOF
mkdir -p ${ROOTFS_DIR}/etc/app
chmod 755 \${ROOTFS_DIR}/etc/app
EOF

on_chroot << 'EOF'
touch "${ROOTFS_DIR}/etc/app/app.conf"
cp files/app.conf /etc/app/
EOF
