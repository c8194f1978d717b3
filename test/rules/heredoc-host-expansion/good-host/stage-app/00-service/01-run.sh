#!/bin/bash -e

install_package() {
	on_chroot << EOF
apt-get install -y $1
EOF
}

install_package tree
install_package htop

# shellcheck source=/dev/null
. "${BASE_DIR}/settings"
on_chroot << EOF
color=$color
echo $color
EOF
