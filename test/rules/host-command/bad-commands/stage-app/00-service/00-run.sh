#!/bin/bash -e

apt-get update
apt-get install -y git nginx
apt-get install -y unzip
sudo systemctl enable app.service
useradd -m "${APP_USER:-app}"
pip3 install flask
if [ "${ENABLE_SSH}" = 1 ]; then
	raspi-config nonint do_ssh 0
	usermod -aG app \
		"${FIRST_USER_NAME}"
fi
npm install -g yarn || true
dpkg -i files/app.deb
hostnamectl set-hostname app
update-alternatives --set editor /usr/bin/vim.tiny
update-initramfs -u
gem install bundler
curl -fsSL https://get.docker.com | sh
wget -qO- https://deb.nodesource.com/setup_20.x | sudo -E bash -
curl -sSf https://sh.rustup.rs | sh -s -- -y
