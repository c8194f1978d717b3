#!/bin/bash -e

on_chroot apt-key add - < files/example.key
on_chroot << EOF
apt-key add /usr/share/app/key.asc
EOF
