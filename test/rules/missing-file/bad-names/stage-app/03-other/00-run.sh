#!/bin/bash -e

install -m 644 files/shared.conf "${ROOTFS_DIR}/etc/third.conf"
