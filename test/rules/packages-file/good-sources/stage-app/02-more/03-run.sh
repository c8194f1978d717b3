#!/bin/bash -e

echo "deb https://apt.example.org/ trixie extra" > "${ROOTFS_DIR}/etc/apt/sources.list.d/extra.list"
