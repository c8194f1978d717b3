#!/bin/bash -e

echo "dtparam=spi=on" >> "${ROOTFS_DIR}/boot/firmware/config.txt"
# Not /boot/config.txt any more.
echo "was: /boot/config.txt"
sed -i 's|/boot/config.txt|/boot/firmware/config.txt|' "${ROOTFS_DIR}/etc/app.conf"
cp files/app.conf "${ROOTFS_DIR}/boot/app.conf"
