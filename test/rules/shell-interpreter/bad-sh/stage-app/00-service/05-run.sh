#!/bin/sh -e
pushd "${ROOTFS_DIR}/etc"
touch app-here
popd
