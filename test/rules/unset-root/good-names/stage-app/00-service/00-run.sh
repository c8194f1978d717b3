#!/bin/bash -e

ROOTFS="${ROOTFS_DIR}"
touch "$ROOTFS/etc/app"
for rootfs in "${ROOTFS_DIR}" "${ROOTFS_DIR}/opt"; do
	touch "$rootfs/etc/app.conf"
done
touch "${ROOT_DIR:-$ROOTFS_DIR}/etc/app" "${ROOTFS_DIR:?}/etc/b" "$ROOT_PATH/x" "${EXTRA_FILES}/x"
sed -i 's|$ROOT_FS/etc|/etc|' "${ROOTFS_DIR}/etc/app.conf"
echo 'use ${ROOTFS_DIR}/etc'
awk '$root/2 > 1 { print }' files/app.conf

on_chroot << EOF
echo "\$ROOT_FS/etc"
EOF
