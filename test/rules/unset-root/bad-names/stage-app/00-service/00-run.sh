#!/bin/bash -e

install -m 644 files/app.conf "$ROOT_FS/etc/app.conf"
rm -rf ${ROOTFS}/home/old
echo "port=80" > "${ROOTFSDIR}"/etc/app.port
if [ -f "$rootfs/etc/app.conf" ]; then
	cp files/app.conf '${ROOTFS_DIR}/etc/app.copy'
fi
