#!/bin/bash -e

source "${STAGE_DIR}/settings.sh"
. ./files/more.sh

install -d "${ROOTFS_DIR}/etc/app"
