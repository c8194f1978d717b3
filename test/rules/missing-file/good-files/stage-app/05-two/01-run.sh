#!/bin/bash -e

install -m 755 files/bin/app "${ROOTFS_DIR}/usr/local/bin/"
