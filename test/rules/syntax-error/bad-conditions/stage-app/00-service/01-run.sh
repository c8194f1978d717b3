#!/bin/bash -e

ports[0=8080
echo "${ports[0]}" > "${ROOTFS_DIR}/etc/app-port"
