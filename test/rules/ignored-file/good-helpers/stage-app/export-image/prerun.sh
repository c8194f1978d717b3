#!/bin/bash -e

# build.sh of this repository copies it over that of pi-gen.
mkdir -p "${ROOTFS_DIR}"
