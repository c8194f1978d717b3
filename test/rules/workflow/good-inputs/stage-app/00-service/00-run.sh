#!/bin/bash -e

install -m 644 ../01-conf/files/app.conf "${ROOTFS_DIR}/etc/"
if [ -d ../../shared ]; then
	cp ../../shared/app.conf "${ROOTFS_DIR}/etc/"
fi
