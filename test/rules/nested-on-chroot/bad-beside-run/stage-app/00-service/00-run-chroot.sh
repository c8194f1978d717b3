#!/bin/bash -e

on_chroot << EOF
systemctl enable app.service
echo "installed at $(date)" > /etc/app-installed
EOF

ldconfig
