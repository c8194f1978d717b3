#!/bin/bash -e

on_chroot << EOF
apt install -y tree
tee /etc/app.d/extra
adduser app
echo done
EOF
