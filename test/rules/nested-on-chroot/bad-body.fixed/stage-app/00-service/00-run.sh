#!/bin/bash -e

on_chroot << EOF
apt-get update
apt-get install -y nginx
echo \$HOME
systemctl enable nginx
EOF

setup() {
	on_chroot <<- 'EOF'
		if true; then
			bash -e -c "systemctl enable ssh"
		fi
	EOF
}
setup
