#!/bin/bash -e

apt-get install -y nginx-light
if [ ! -d "${ROOTFS_DIR}" ]; then
	copy_previous
fi
useradd app
