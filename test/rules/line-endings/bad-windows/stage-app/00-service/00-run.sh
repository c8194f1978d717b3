#!/bin/bash -e

install -m 644 files/app.service "${ROOTFS_DIR}/etc/systemd/system/"
printf "%s\n" a b > "${ROOTFS_DIR}/etc/app.conf"
