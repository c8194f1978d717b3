#!/bin/bash -e

install -m 644 files/app.conf "$ROOT_FS/etc/app.conf"
rm -rf ${ROOTFS}/etc/motd
echo "port=80" > "${ROOTFSDIR}"/etc/app.port
if [ -f "$rootfs/etc/passwd" ]; then
	cp files/app.conf '${ROOTFS_DIR}/etc/app.copy'
fi
grep -c : "$ROOTFS/etc/passwd"
touch "${ROOTFS_DIR}/etc/app.first"
cp "$ROOTFS/etc/app.first" "${ROOTFS_DIR}/etc/app.second"
