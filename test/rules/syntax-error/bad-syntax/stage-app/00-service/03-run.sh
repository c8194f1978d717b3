#!/bin/bash -e

install_unit() {
	install -m 644 /dev/null "${ROOTFS_DIR}/etc/systemd/system/$1"
	if [ "$2" = enable ]; then
		on_chroot << EOF
systemctl enable app.service
EOF

}

install_unit app.service enable
