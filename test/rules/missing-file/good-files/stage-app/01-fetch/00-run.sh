#!/bin/bash -e

wget -O files/app.tar.gz https://example.com/app.tar.gz
cp files/app.tar.gz "${ROOTFS_DIR}/opt/"
