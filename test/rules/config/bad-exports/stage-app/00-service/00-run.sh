#!/bin/bash -e

echo "${APP_NAME} ${APP_VERSION}" > "${ROOTFS_DIR}/etc/app-release"

on_chroot << EOF
echo "${APP_CHANNEL:-testing}" > /etc/app-channel
EOF
