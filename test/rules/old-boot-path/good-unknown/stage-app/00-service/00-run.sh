#!/bin/bash -e

echo "dtparam=spi=on" >> "${ROOTFS_DIR}/boot/config.txt"
