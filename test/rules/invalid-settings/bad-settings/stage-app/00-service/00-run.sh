#!/bin/bash -e

# pigen: ignore=missing-errexit
touch "${ROOTFS_DIR}/etc/app"
# pigen: disable=
touch "${ROOTFS_DIR}/etc/app" # pigen: disable
