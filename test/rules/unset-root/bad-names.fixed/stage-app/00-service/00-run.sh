#!/bin/bash -e

install -m 644 files/app.conf "$ROOTFS_DIR/etc/app.conf"
rm -rf ${ROOTFS_DIR}/home/old
echo "port=80" > "${ROOTFS_DIR}"/etc/app.port
if [ -f "$rootfs/etc/app.conf" ]; then
	cp files/app.conf "${ROOTFS_DIR}/etc/app.copy"
fi
