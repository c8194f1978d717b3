#!/bin/bash -e

install -v -o 1000 -g 1000 -m 644 files/app.conf "${ROOTFS_DIR}/home/pi/app.conf"
install -o root -g www-data -d "${ROOTFS_DIR}/opt/app"
chown -R 1000:1000 "${ROOTFS_DIR}/home/pi"
chown root:dialout "${ROOTFS_DIR}/opt/app"
chown "$APP_ID" "${ROOTFS_DIR}/opt/app"
chown --reference="${ROOTFS_DIR}/home/pi" "${ROOTFS_DIR}/home/pi/app.conf"

on_chroot << EOF
chown -R pi:pi /home/pi
EOF
