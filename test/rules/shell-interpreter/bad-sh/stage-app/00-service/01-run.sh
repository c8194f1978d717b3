#!/bin/sh -e
if [[ "${ENABLE_SSH}" == 1 ]]; then
	touch "${ROOTFS_DIR}/etc/ssh-is-on"
fi
