#!/bin/bash -e

on_chroot << EOF
apt-get update
on_chroot << INNER
apt-get install -y hello
echo \\\$HOME
INNER
systemctl enable hello
EOF

setup() {
	on_chroot <<- 'EOF'
		if true; then
			on_chroot -c "systemctl enable ssh"
		fi
	EOF
}
setup
