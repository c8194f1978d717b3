#!/bin/bash -e

mkdir -p "${ROOTFS_DIR}/etc/app"
echo "port=80" > "${ROOTFS_DIR}"/etc/app/app.conf
cp $ROOTFS_DIR/etc/app/app.conf /etc/app/backup.conf
if [ -f "$ROOTFS_DIR/etc/app/old.conf" ]; then
	rm -f ${ROOTFS_DIR:-}/etc/app/old.conf
fi
TARGET=${ROOTFS_DIR}/opt/app
install -d --group=app "$TARGET"
cd "$ROOTFS_DIR"
tar --directory=${ROOTFS_DIR}/opt -xf /tmp/app.tar
cp "${STAGE_DIR}/app.conf" /etc/app.conf
rm -rf "${ROOTFS_DIR}"/*
install -m 644 files/app.conf /etc/app.conf
