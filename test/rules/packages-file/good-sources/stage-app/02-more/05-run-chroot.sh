apt-get update
apt-get install -y app-extra
