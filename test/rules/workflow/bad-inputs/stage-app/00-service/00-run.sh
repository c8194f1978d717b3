#!/bin/bash -e

install -m 644 ../../shared/app.conf "${ROOTFS_DIR}/etc/"
cp "${STAGE_DIR}/../shared/app.conf" "${ROOTFS_DIR}/opt/"
