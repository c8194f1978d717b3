#!/bin/bash -e

systemctl daemon-reload
systemctl enable app.service
systemctl enable other.service
systemctl restart ssh || true
service nginx start
/etc/init.d/cron restart
hostnamectl set-hostname box
timedatectl set-timezone Europe/Berlin
sysctl -p
iptables -A INPUT -p tcp --dport 80 -j ACCEPT
docker pull nginx
sudo docker compose up -d
modprobe i2c-dev
sudo rmmod snd_bcm2835
mount /boot/firmware
mount -a
mount -o ro /dev/mmcblk0p1 /mnt
mount -t ext4 PARTUUID=abcd-02 /mnt
umount /boot
