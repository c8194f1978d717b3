#!/bin/bash -e

on_chroot << EOF
apt-get update
apt-get install -y hello
echo \$HOME
systemctl enable hello
EOF

setup() {
	on_chroot <<- 'EOF'
		if true; then
			bash -e -c "systemctl enable ssh"
		fi
	EOF
}
setup
