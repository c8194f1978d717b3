#!/bin/bash -e

rm -rf "${ROOTFS_DIR}/var/cache/app"
