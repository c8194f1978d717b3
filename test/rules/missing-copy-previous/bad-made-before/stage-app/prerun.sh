#!/bin/bash -e

mkdir -p "${ROOTFS_DIR}"
if [ ! -d "${ROOTFS_DIR}" ]; then
	copy_previous
fi
