#!/bin/sh -e

func() echo "dash takes any command"
func > "${ROOTFS_DIR}/etc/app"
