#!/bin/bash -e

install -d "${ROOTFS_DIR}/opt/steps"
cp files/* "${ROOTFS_DIR}/opt/steps"
