#!/bin/bash -e

. "${STAGE_DIR}/settings.sh"

on_chroot << EOF
for unit in app app-update; do
	touch /etc/app-\$unit-of-${APP_USER}
done
EOF
