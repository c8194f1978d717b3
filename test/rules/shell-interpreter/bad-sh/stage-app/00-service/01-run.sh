#!/bin/sh -e
if [[ "${ENABLE_SSH}" == 1 ]]; then
	touch "${ROOTFS_DIR}/boot/firmware/ssh"
fi
