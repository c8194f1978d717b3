#!/bin/sh -e
on_chroot() {
	chroot "${ROOTFS_DIR}" "$@"
}
on_chroot systemctl enable ssh
