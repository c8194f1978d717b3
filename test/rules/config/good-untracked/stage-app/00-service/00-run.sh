#!/bin/bash -e

install -d "${ROOTFS_DIR}/opt/${APP_NAME}"
echo "${TIMEZONE_DEFAUL}"
