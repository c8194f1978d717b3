#!/bin/bash -e

install -v -o pi -g pi -m 644 files/app.conf "${ROOTFS_DIR}/home/pi/app.conf"
install -d --owner="${FIRST_USER_NAME}" "${ROOTFS_DIR}/home/app"
chown -R "$FIRST_USER_NAME:$FIRST_USER_NAME" "${ROOTFS_DIR}/home/app"
chown kiosk: "${ROOTFS_DIR}/opt/app"
chgrp gpio "${ROOTFS_DIR}/opt/app"
