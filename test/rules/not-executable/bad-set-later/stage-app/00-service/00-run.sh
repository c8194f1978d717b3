#!/bin/bash -e

touch "${ROOTFS_DIR}/etc/app"
