#!/bin/bash -e

command -v curl
curl --fail --silent https://example.org > /dev/null
mkdir -p "${STAGE_WORK_DIR}/lists"
ls "${PREV_ROOTFS_DIR}/usr/bin" > "${STAGE_WORK_DIR}/lists/programs"
