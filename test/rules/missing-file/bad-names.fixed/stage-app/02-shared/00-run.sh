#!/bin/bash -e

install -m 644 "${STAGE_DIR}/files/shared.conf" "${ROOTFS_DIR}/etc/shared.conf"
cp ../files/shraed.conf "${ROOTFS_DIR}/etc/other.conf"
cp "$STAGE_DIR"/files/gone.conf "${ROOTFS_DIR}/etc/"
on_chroot < "${STAGE_DIR}/scripts/all.sh"
cp "${STAGE_DIR}/files/own.conf" "${ROOTFS_DIR}/etc/"
