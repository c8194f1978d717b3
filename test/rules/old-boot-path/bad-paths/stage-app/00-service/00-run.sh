#!/bin/bash -e

echo "dtparam=spi=on" >> "${ROOTFS_DIR}/boot/config.txt"
sed -i 's/$/ quiet/' ${ROOTFS_DIR}/boot/cmdline.txt

on_chroot << EOF
echo "gpu_mem=16" >> /boot/config.txt
EOF
