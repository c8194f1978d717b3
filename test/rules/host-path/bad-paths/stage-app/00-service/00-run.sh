#!/bin/bash -e

install -m 644 files/app.conf /etc/app.conf
mkdir -p "/opt/app" '/var/lib/app'
echo "dtparam=spi=on" >> /boot/firmware/config.txt
sed -i 's|^#port|port|' /etc/app.conf
cat files/app.conf | tee -a /etc/app.d/extra > /dev/null
rm -rf "/home/${FIRST_USER_NAME}/app"
cp -t /usr/local/bin files/app.conf
ln -s /usr/share/app /opt/app/share
tar -xzf files/app.tar.gz -C /opt/app
dd if=files/app.conf of=/root/app.img
sudo chown -R 1000:1000 /srv/app
