#!/bin/bash -e

install -m 644 files/app.gpg "${ROOTFS_DIR}/usr/share/keyrings/app.gpg"
echo "deb [signed-by=/usr/share/keyrings/app.gpg] https://apt.example.org/ trixie main" \
	> "${ROOTFS_DIR}/etc/apt/sources.list.d/app.list"
