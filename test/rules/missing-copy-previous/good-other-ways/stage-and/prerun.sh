#!/bin/bash -e

[ -d "${ROOTFS_DIR}" ] || copy_previous
if [ ! -d "${ROOTFS_DIR}/etc/app" ]; then
	mkdir -p "${ROOTFS_DIR}/etc/app"
fi
