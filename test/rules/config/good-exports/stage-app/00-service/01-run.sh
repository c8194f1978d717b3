#!/bin/bash -e

source "${BASE_DIR}/config"
echo "${APP_SHARED}" > "${ROOTFS_DIR}/etc/app-shared"
