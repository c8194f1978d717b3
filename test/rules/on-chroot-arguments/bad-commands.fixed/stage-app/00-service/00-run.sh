#!/bin/bash -e

on_chroot << 'EOF'
systemctl enable app.service
EOF
on_chroot << 'EOF'
/usr/bin/app --setup
EOF

if ! on_chroot -c "systemctl is-enabled ssh"; then
	on_chroot <<- EOF
	apt-get install -y "${APP_PACKAGE}" \
		nginx
	EOF
fi

on_chroot -c "usermod -aG video app" || true
on_chroot << 'EOF'
apt-get update
EOF
on_chroot -e chown -R app:app /var/lib/app
