#!/bin/bash -e

setcap cap_net_raw+ep "${ROOTFS_DIR}/usr/bin/app"
