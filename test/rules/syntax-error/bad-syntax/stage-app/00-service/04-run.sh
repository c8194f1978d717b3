#!/bin/bash -e

VERSION=$(sed -n 's/^version=//p' "${STAGE_DIR}/VERSION"
echo "$VERSION" > "${ROOTFS_DIR}/etc/app-version"
