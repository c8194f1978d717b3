#!/bin/bash -e

bootstrap bookworm "${ROOTFS_DIR}" http://deb.debian.org/debian
