#!/bin/bash -e

for image in "${DEPLOY_DIR}"/*.img; do
	sudo mount -o loop,offset="$(offset_of "$image")" "$image" "${ROOTFS_DIR}"
	echo "${IMG_DATE}" > "${ROOTFS_DIR}/etc/build-date"
	on_chroot << EOF
apt-get clean
EOF
	umount "${ROOTFS_DIR}"
done
