#!/bin/bash -e

on_chroot() {
	bash -e "$@"
}

on_chroot << EOF
systemctl enable app.service
EOF
