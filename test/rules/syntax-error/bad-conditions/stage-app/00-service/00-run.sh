#!/bin/bash -e

for ((i = 0; i < 3)); do
	mkdir -p "${ROOTFS_DIR}/srv/disk${i}"
done
