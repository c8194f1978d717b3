#!/bin/bash -e

if [ ! -d "${ROOTFS_DIR}" ]; then
	copy_previuos
fi
