#!/bin/bash -e
for ((i = 0; i < 3; i++)); do
	echo "$i" >> "${ROOTFS_DIR}/etc/app-numbers"
done
