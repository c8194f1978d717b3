#!/bin/bash -e
# The licence
# of this script

install -d "${ROOTFS_DIR}/opt/app"
