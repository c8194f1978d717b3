#!/bin/bash -e

on_chroot -c "apt-get update"
on_chroot << EOF
apt-get install -y hello
EOF
on_chroot sudo -u app << EOF
whoami
EOF
echo app | on_chroot -c "tee /etc/app"
on_chroot sed -i 's/^#$port/port/' "/etc/${APP}.conf"
