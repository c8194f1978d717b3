#!/bin/bash -e

enable() {
	if [ -n "$1" ]; then
		on_chroot << EOF
systemctl enable $1
EOF
	fi
}

on_chroot << EOF
useradd --system --home-dir /var/lib/app app
EOF

enable app.service
