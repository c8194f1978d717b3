#!/bin/bash -e

# Runs on the build host, in this folder: ${ROOTFS_DIR} is the image, files/ is beside this script.
install -d "${ROOTFS_DIR}/opt/ossuary/scripts" "${ROOTFS_DIR}/opt/ossuary/web" "${ROOTFS_DIR}/etc/ossuary"
install -m 755 files/ossuary-pi/scripts/first-boot.sh "${ROOTFS_DIR}/opt/ossuary/scripts/first-boot.sh"
install -m 755 files/ossuary-pi/scripts/serve.py "${ROOTFS_DIR}/opt/ossuary/scripts/serve.py"
install -m 644 files/ossuary-pi/web/index.html "${ROOTFS_DIR}/opt/ossuary/web/index.html"
install -m 644 files/ossuary-pi/ossuary.conf "${ROOTFS_DIR}/etc/ossuary/ossuary.conf"

install -d "${ROOTFS_DIR}/etc/systemd/system"
install -m 644 files/ossuary-pi/systemd/ossuary.service "${ROOTFS_DIR}/etc/systemd/system/ossuary.service"
install -m 644 files/ossuary-pi/systemd/ossuary-first-boot.service \
	"${ROOTFS_DIR}/etc/systemd/system/ossuary-first-boot.service"
