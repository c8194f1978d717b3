#!/bin/bash -e

if [ -f "${STAGE_DIR}/app.conf" ]; then
	install -m 644 "${STAGE_DIR}/app.conf" "${ROOTFS_DIR}/etc/app.conf"
fi

install -d "${ROOTFS_DIR}/var/lib/app"
