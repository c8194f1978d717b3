systemctl enable app
touch /etc/app-installed
