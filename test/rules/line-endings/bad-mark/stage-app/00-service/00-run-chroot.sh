systemctl enable ssh
