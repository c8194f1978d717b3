#!/bin/bash -e

cat > /etc/app.conf
read -r answer
ssh-keygen -A
ssh app@example.org true
sudo apt-get install tree
apt-get install -y --no-install-recommends htop
passwd pi
python3 -
sudo -u app python3 -u -W ignore
bash -s app
sh
mysql -u root app
psql --dbname app
echo done
