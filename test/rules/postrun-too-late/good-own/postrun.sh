#!/bin/bash -e

export ROOTFS_DIR="${DEPLOY_DIR}/rootfs"
mkdir -p "${ROOTFS_DIR}"
tar -C "${ROOTFS_DIR}" -xf "${DEPLOY_DIR}/base.tar"
echo "${IMG_DATE}" > "${ROOTFS_DIR}/etc/build-date"
