#!/bin/bash -e

on_chroot <<- EOF
    touch /etc/app
EOF
touch "${ROOTFS_DIR}/etc/other"
