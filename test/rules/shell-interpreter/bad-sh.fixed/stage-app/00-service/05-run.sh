#!/bin/bash -e
pushd "${ROOTFS_DIR}/etc"
touch app-here
popd
