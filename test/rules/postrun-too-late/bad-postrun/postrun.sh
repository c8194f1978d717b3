#!/bin/bash -e

install -m 644 motd "${ROOTFS_DIR}/etc/motd"
echo "${IMG_DATE}" > "$EXPORT_ROOTFS_DIR/etc/build-date"
on_chroot << EOF
apt-get clean
EOF
