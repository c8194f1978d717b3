#!/bin/bash -e

mkdir -p "/etc/app"
echo "port=80" > /etc/app/app.conf
cp /etc/app/app.conf /etc/app/backup.conf
if [ -f "/etc/app/old.conf" ]; then
	rm -f /etc/app/old.conf
fi
TARGET=/opt/app
install -d --group=app "$TARGET"
cd "$ROOTFS_DIR"
tar --directory=/opt -xf /tmp/app.tar
cp "${STAGE_DIR}/app.conf" /etc/app.conf
rm -rf "${ROOTFS_DIR}"/*
install -m 644 files/app.conf /etc/app.conf
