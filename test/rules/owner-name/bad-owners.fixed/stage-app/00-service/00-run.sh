#!/bin/bash -e

install -v -o 1000 -g 1000 -m 644 files/app.conf "${ROOTFS_DIR}/home/pi/app.conf"
install -d --owner="1000" "${ROOTFS_DIR}/home/app"
chown -R "1000:1000" "${ROOTFS_DIR}/home/app"
chown kiosk: "${ROOTFS_DIR}/opt/app"
chgrp gpio "${ROOTFS_DIR}/opt/app"
