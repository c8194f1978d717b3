#!/bin/bash -e

# on_chroot systemctl enable app.service
log "on_chroot systemctl enable app.service"
on_chroot apt-key add - < files/app.asc
install -m 755 files/app-setup "${ROOTFS_DIR}/usr/local/bin/app-setup"
on_chroot app-setup --all
on_chroot /usr/local/bin/app-setup
install -m 755 files/setup.sh "${ROOTFS_DIR}/tmp/"
on_chroot /tmp/setup.sh
on_chroot "$@"
on_chroot ${APP_COMMAND}
