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
git clone --depth 1 https://github.com/example/app /opt/app-source
curl -fsSL https://example.org/app.gpg -o /etc/apt/keyrings/app.gpg
wget -qO /usr/share/app.txt https://example.org/app.txt
unzip -q /tmp/app.zip -d /opt/app-data
mkdir -p /{etc,opt}/app {/srv,/home}/app
cp /etc/app.conf{,.bak}
unlink /etc/app.old
patch -d /usr/lib/app -p1 < files/app.patch
patch /etc/app.ini files/app.patch
ln -s "${ROOTFS_DIR}/usr/share/app" "${ROOTFS_DIR}/opt/app"
ln -sf "${ROOTFS_DIR}"/usr/lib/app ${ROOTFS_DIR}/etc/app.conf "${ROOTFS_DIR}/srv/"
(
	cd /etc/app.d
	rm -f extra
)
cd /boot && echo "quiet" > cmdline.txt
units=/etc/systemd/system
install -m 644 files/app.conf "${units}/app.service"
on_chroot << EOF
chmod 600 $units/app.service
EOF
