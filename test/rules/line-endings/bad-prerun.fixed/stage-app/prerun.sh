#!/bin/bash -e
# Prepares the stage.

if [ ! -d "${ROOTFS_DIR}" ]; then
	copy_previous
fi

echo "preparing ${STAGE}"
