#!/bin/bash -e

install -m 644 files/app.conf "${ROOTFS_DIR}/etc/app.conf"
