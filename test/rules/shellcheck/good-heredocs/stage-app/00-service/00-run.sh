#!/bin/bash -e

install -d $ROOTFS_DIR/opt/app
. "${STAGE_DIR}/settings"
echo "${app_version}" > "${ROOTFS_DIR}/opt/app/version"
on_chroot << EOF
if [ "${ENABLE_SSH}" == "1" ]; then
	systemctl enable ssh
fi
cd /opt/app
chown -R ${FIRST_USER_NAME}:${FIRST_USER_NAME} .
for group in ${APP_GROUPS:-audio}; do
	adduser ${FIRST_USER_NAME} "\$group"
done
EOF
# shellcheck disable=SC2086
on_chroot << 'EOF'
# shellcheck disable=SC2046
kill $(cat /run/app.pid)
echo $HOME/app
EOF
on_chroot -c 'echo "$HOME"'
