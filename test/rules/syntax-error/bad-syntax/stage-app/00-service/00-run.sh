#!/bin/bash -e

if [ -f files/app.conf ]; then
	install -m 644 files/app.conf "${ROOTFS_DIR}/etc/app.conf"
done

install -d "${ROOTFS_DIR}/var/lib/app"
