#!/bin/bash -e

apt-get update
on_chroot << EOF
apt-get install -y git nginx
EOF
apt-get install -y unzip
on_chroot << EOF
systemctl enable app.service
EOF
on_chroot << EOF
useradd -m "${APP_USER:-app}"
EOF
on_chroot << EOF
pip3 install flask
EOF
if [ "${ENABLE_SSH}" = 1 ]; then
	on_chroot <<- EOF
	raspi-config nonint do_ssh 0
	EOF
	on_chroot <<- EOF
	usermod -aG app \
		"${FIRST_USER_NAME}"
	EOF
fi
npm install -g yarn || true
dpkg -i files/app.deb
hostnamectl set-hostname app
on_chroot << EOF
update-alternatives --set editor /usr/bin/vim.tiny
EOF
on_chroot << EOF
update-initramfs -u
EOF
on_chroot << EOF
gem install bundler
EOF
curl -fsSL https://get.docker.com | sh
wget -qO- https://deb.nodesource.com/setup_20.x | sudo -E bash -
curl -sSf https://sh.rustup.rs | sh -s -- -y
