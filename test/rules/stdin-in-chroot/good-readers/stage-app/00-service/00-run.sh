#!/bin/bash -e

on_chroot -c "apt-get install tree"
on_chroot << EOF
debconf-set-selections << SEL
app app/port string 80
SEL
apt-get -y install app
EOF
