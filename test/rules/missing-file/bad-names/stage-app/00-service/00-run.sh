#!/bin/bash -e

install -m 644 files/App.conf "${ROOTFS_DIR}/etc/app.conf"
install -m 644 "files/units/app.servcie" "${ROOTFS_DIR}/etc/systemd/system/app.service"
install -v -d "${ROOTFS_DIR}/opt/app"
cp files/logo.png files/app.conf "${ROOTFS_DIR}/opt/app/"
on_chroot < files/setup.sh
for name in a b; do
	cat files/gone.txt >> "${ROOTFS_DIR}/etc/${name}"
done
