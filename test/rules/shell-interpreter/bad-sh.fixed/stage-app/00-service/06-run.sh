#!/bin/bash -e
read -r name <<< "${IMG_NAME}"
echo "${name}" > "${ROOTFS_DIR}/etc/app-name"
