#!/bin/bash -e

./run.sh
PACKAGES="$(cat 00-packages.list)"
export PACKAGES
cp -r files/skeleton/. "${ROOTFS_DIR}/opt/app"
files/01-run.sh
