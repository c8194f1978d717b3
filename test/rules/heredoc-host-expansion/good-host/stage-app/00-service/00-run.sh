#!/bin/bash -e

APP_USER=app
for unit in app.service app.timer; do
	on_chroot << EOF
systemctl enable $unit
usermod -aG $APP_USER "$FIRST_USER_NAME"
# The host replaces $ANY name, here too.
EOF
done

on_chroot << EOF
for file in app.conf app.env; do
	cp "/opt/app/\$file" /etc/app/
done
export PATH="$PATH:/opt/app/bin"
echo "$(cat files/version) $(date +%s) \$(dpkg --print-architecture) ${DEBUG:-0} ${GREETING}" > /etc/app/version
EOF

on_chroot << 'EOF'
dir=$(mktemp -d)
echo "$dir $1 $?"
EOF
