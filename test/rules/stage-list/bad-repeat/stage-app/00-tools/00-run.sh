#!/bin/bash -e

echo ran >> "${ROOTFS_DIR}/etc/app-runs"
