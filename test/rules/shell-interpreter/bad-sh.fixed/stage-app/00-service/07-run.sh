#!/bin/bash -e
sort <(echo b) <(echo a) > "${ROOTFS_DIR}/etc/app-sorted"
