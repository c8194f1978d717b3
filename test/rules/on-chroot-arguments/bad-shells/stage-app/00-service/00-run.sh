#!/bin/bash -e

on_chroot bash -c "apt-get update"
on_chroot /bin/bash << EOF
apt-get install -y hello
EOF
on_chroot sudo -u app << EOF
whoami
EOF
echo app | on_chroot tee /etc/app
on_chroot sed -i 's/^#$port/port/' "/etc/${APP}.conf"
