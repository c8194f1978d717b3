#!/bin/bash -e

install -m 644 files/app.conf "${ROOTFS_DIR}"/etc/app.conf
mkdir -p "${ROOTFS_DIR}/opt/app" "${ROOTFS_DIR}"'/var/lib/app'
echo "dtparam=spi=on" >> "${ROOTFS_DIR}"/boot/firmware/config.txt
sed -i 's|^#port|port|' "${ROOTFS_DIR}"/etc/app.conf
cat files/app.conf | tee -a "${ROOTFS_DIR}"/etc/app.d/extra > /dev/null
rm -rf "${ROOTFS_DIR}/home/${FIRST_USER_NAME}/app"
cp -t "${ROOTFS_DIR}"/usr/local/bin files/app.conf
ln -s /usr/share/app "${ROOTFS_DIR}"/opt/app/share
tar -xzf files/app.tar.gz -C "${ROOTFS_DIR}"/opt/app
dd if=files/app.conf of="${ROOTFS_DIR}"/root/app.img
sudo chown -R 1000:1000 "${ROOTFS_DIR}"/srv/app
git clone --depth 1 https://github.com/example/app "${ROOTFS_DIR}"/opt/app-source
curl -fsSL https://example.org/app.gpg -o "${ROOTFS_DIR}"/etc/apt/keyrings/app.gpg
wget -qO "${ROOTFS_DIR}"/usr/share/app.txt https://example.org/app.txt
unzip -q /tmp/app.zip -d "${ROOTFS_DIR}"/opt/app-data
mkdir -p "${ROOTFS_DIR}"/{etc,opt}/app "${ROOTFS_DIR}"{/srv,/home}/app
cp "${ROOTFS_DIR}"/etc/app.conf{,.bak}
unlink "${ROOTFS_DIR}"/etc/app.old
patch -d "${ROOTFS_DIR}"/usr/lib/app -p1 < files/app.patch
patch "${ROOTFS_DIR}"/etc/app.ini files/app.patch
ln -s "/usr/share/app" "${ROOTFS_DIR}/opt/app"
ln -sf /usr/lib/app /etc/app.conf "${ROOTFS_DIR}/srv/"
(
	cd "${ROOTFS_DIR}"/etc/app.d
	rm -f extra
)
cd "${ROOTFS_DIR}"/boot && echo "quiet" > cmdline.txt
units=/etc/systemd/system
install -m 644 files/app.conf "${ROOTFS_DIR}${units}/app.service"
on_chroot << EOF
chmod 600 $units/app.service
EOF
