#!/bin/sh -e

if [ -n "$APP_KEY" ]; then
	echo "$APP_KEY" > "${ROOTFS_DIR}/etc/app.key"
fi
fi
