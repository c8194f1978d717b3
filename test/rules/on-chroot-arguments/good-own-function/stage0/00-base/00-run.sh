#!/bin/bash -e

on_chroot sh -e - << EOF
touch /etc/app
EOF
on_chroot systemctl enable ssh
