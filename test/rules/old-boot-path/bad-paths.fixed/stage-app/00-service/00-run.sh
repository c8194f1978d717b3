#!/bin/bash -e

echo "dtparam=spi=on" >> "${ROOTFS_DIR}/boot/firmware/config.txt"
sed -i 's/$/ quiet/' ${ROOTFS_DIR}/boot/firmware/cmdline.txt

on_chroot << EOF
echo "gpu_mem=16" >> /boot/firmware/config.txt
EOF
