#!/bin/bash -e

if [ -d "${ROOTFS_DIR}" ]; then
	echo "keeping it"
else
	copy_previous
fi
