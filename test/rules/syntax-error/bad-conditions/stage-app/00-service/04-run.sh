#!/bin/bash -e

[[ -d "${ROOTFS_DIR}/opt"
