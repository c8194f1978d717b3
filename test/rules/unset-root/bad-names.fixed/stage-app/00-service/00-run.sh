#!/bin/bash -e

install -m 644 files/app.conf "$ROOTFS_DIR/etc/app.conf"
rm -rf ${ROOTFS_DIR}/etc/motd
echo "port=80" > "${ROOTFS_DIR}"/etc/app.port
if [ -f "$rootfs/etc/passwd" ]; then
	cp files/app.conf "${ROOTFS_DIR}/etc/app.copy"
fi
grep -c : "$ROOTFS_DIR/etc/passwd"
touch "${ROOTFS_DIR}/etc/app.first"
cp "$ROOTFS_DIR/etc/app.first" "${ROOTFS_DIR}/etc/app.second"
