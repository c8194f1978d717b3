#!/bin/bash -e

on_chroot systemctl enable app.service
on_chroot /usr/bin/app --setup

if ! on_chroot systemctl is-enabled ssh; then
	on_chroot apt-get install -y "${APP_PACKAGE}" \
		nginx
fi

on_chroot usermod -aG video app || true
on_chroot "apt-get update"
on_chroot -e chown -R app:app /var/lib/app
