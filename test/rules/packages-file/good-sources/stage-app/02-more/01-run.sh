#!/bin/bash -e

rm -f "${ROOTFS_DIR}/etc/apt/sources.list.d/app.list"
sed -i 's/main$/main contrib/' "${ROOTFS_DIR}/etc/apt/sources.list"
install -d "${ROOTFS_DIR}/etc/apt/sources.list.d"
if [ -n "${APP_REPOSITORY}" ]; then
	echo "${APP_REPOSITORY}" > "${ROOTFS_DIR}/etc/apt/sources.list.d/other.list"
fi
on_chroot << EOF
echo "jackd2 jackd/tweak_rt_limits boolean true" | debconf-set-selections
EOF
