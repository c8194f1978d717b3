#!/bin/bash

if [ "${ENABLE_SSH}" = 1 ]; then
	install -m 644 files/sshd.conf "${ROOTFS_DIR}/etc/ssh/sshd_config.d/"
fi
