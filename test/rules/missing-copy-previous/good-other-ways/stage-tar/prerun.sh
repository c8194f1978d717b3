#!/bin/bash -e

if [ ! -d "${ROOTFS_DIR}" ]; then
	mkdir -p "${ROOTFS_DIR}"
	tar -xf ../base.tar -C "${ROOTFS_DIR}"
fi
