#!/bin/bash -e

bootstrap trixie "${ROOTFS_DIR}" http://deb.debian.org/debian
