#!/bin/bash -e

cp ../files/made-for-all.conf "${ROOTFS_DIR}/etc/"
STAGE_DIR=/srv/app
cp "${STAGE_DIR}/files/gone.conf" "${ROOTFS_DIR}/etc/"
