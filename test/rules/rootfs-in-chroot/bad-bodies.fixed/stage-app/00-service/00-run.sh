#!/bin/bash -e

on_chroot << EOF
mkdir -p /etc/app
chmod 755 /etc/app
EOF

on_chroot << 'EOF'
touch "/etc/app/app.conf"
cp files/app.conf /etc/app/
EOF
