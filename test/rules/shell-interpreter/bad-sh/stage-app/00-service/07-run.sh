#!/bin/sh -e
sort <(echo b) <(echo a) > "${ROOTFS_DIR}/etc/app-sorted"
