#!/bin/bash -e

# pigen: prose is no order to the checker
touch "${ROOTFS_DIR}/etc/app"
# pigen: disable this step when the kiosk is gone
