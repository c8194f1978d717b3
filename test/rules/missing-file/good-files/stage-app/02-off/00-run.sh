#!/bin/bash -e

cp files/gone "${ROOTFS_DIR}/opt/"
