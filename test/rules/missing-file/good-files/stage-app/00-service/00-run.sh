#!/bin/bash -e

install -m 644 files/app.conf "${ROOTFS_DIR}/etc/app.conf"
install -m 644 files/units/* "${ROOTFS_DIR}/etc/systemd/system/"
install -m 644 "files/${RELEASE}.list" "${ROOTFS_DIR}/etc/apt/sources.list.d/"
if [ -f files/optional.conf ]; then
	install -m 644 files/optional.conf "${ROOTFS_DIR}/etc/"
fi
cp files/maybe.conf "${ROOTFS_DIR}/etc/" || true
install -m 600 files/wifi.key "${ROOTFS_DIR}/etc/"
install -m 600 files/id.pub "${ROOTFS_DIR}/etc/"
mkdir -p files/cache
echo x > files/made
cp files/made files/cache/x "${ROOTFS_DIR}/etc/"
cat files/made > "${ROOTFS_DIR}/files/never"
echo "files/text is not there"
install -d "${ROOTFS_DIR}/etc/files/deep"
cd /tmp
cp files/elsewhere "${ROOTFS_DIR}/etc/"
