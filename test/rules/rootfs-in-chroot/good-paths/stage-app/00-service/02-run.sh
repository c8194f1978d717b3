#!/bin/bash -e

BASE_DIR=/opt/app
on_chroot << EOF
mkdir -p ${BASE_DIR}/data
EOF
