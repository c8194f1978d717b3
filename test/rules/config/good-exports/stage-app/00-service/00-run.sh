#!/bin/bash -e

APP_PORT=81
# APP_TITLE is of no use here
echo "${APP_NAME} ${APP_VERSION} ${APP_CHANNEL} ${APP_PORT} \$APP_TITLE ${APP_FORKED}" > "${ROOTFS_DIR}/etc/app-release"
echo "${HOSTNAME}" > "${ROOTFS_DIR}/etc/hostname"
