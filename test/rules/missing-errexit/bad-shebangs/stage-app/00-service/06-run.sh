#!/bin/bash

for unit in app web; do
	install -m 644 "files/${unit}.service" "${ROOTFS_DIR}/etc/systemd/system/"
done
