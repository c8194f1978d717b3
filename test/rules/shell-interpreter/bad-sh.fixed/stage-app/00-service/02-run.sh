#!/usr/bin/env bash
set -e
units=(one two)
for unit in "${units[@]}"; do
	install -m 644 "files/${unit}" "${ROOTFS_DIR}/etc/systemd/system/"
done
