#!/bin/bash -e

on_chroot << EOF
apt install tree
tee /etc/app.d/extra
adduser app
echo done
EOF
