systemctl enable app
usermod -a -G video pi
