#!/bin/bash -e

systemctl enable app.service
systemctl disable --quiet other.service
systemctl mask getty@tty1
systemctl set-default multi-user.target
systemctl is-enabled app || echo "not yet"
if [ -d /run/systemd/system ]; then
	systemctl restart app
fi
service fake-hwclock stop
cat > /etc/systemd/system/app.service << UNIT
[Service]
ExecStartPre=/usr/bin/docker pull app
ExecStart=/usr/bin/systemctl start app
UNIT
echo "%app ALL=NOPASSWD: /bin/systemctl restart app" > /etc/sudoers.d/app
echo "net.ipv4.ip_forward=1" > /etc/sysctl.d/app.conf
hostnamectl status || true
docker --version
modprobe --show-depends i2c-dev
modprobe -n i2c-dev
echo i2c-dev > /etc/modules-load.d/app.conf
mount
mount -l -t ext4
mount -t tmpfs tmpfs /var/cache/app
mount --bind /opt/app /srv/app
mount -o loop /opt/app.img /mnt
umount /mnt /var/cache/app /proc
systemctl enable app.mount
echo "ExecStart=/sbin/modprobe i2c-dev" >> /etc/systemd/system/app.service
ufw allow ssh
ufw status
ufw default deny incoming
