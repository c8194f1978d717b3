#!/bin/bash -e

. "${STAGE_DIR}/settings.sh"

on_chroot << EOF
for unit in app app-update; do
	systemctl enable \$unit --user="${APP_USER}"
done
EOF
