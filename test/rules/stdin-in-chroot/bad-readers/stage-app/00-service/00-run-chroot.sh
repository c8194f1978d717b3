#!/bin/bash -e

cat > /etc/app.conf
read -r answer
ssh-keygen -A
ssh app@example.org true
sudo apt-get install tree
apt-get install -y --no-install-recommends htop
passwd pi
echo done
