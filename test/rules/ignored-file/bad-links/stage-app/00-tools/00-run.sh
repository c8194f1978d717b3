#!/bin/bash -e

install -d "${ROOTFS_DIR}/opt/app"
