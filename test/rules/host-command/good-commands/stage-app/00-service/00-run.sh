#!/bin/bash -e

on_chroot << EOF
apt-get install -y nginx
systemctl enable app.service
EOF
on_chroot -c "useradd app"
chroot "${ROOTFS_DIR}" systemctl enable other.service
systemctl --root="${ROOTFS_DIR}" enable app.timer
pip3 install --target "${ROOTFS_DIR}/opt/app" flask
dpkg -x files/app.deb "${ROOTFS_DIR}"
dpkg --root="${ROOTFS_DIR}" -i files/app.deb
useradd -R "${ROOTFS_DIR}" app
echo "apt-get install nginx"
npm install
hostnamectl status
timedatectl
command -v passwd
update-alternatives --display editor
update-alternatives --root "${ROOTFS_DIR}" --set editor /usr/bin/vim.tiny
gem list
cat > "${ROOTFS_DIR}/usr/local/bin/setup" << 'SCRIPT'
#!/bin/bash
apt-get install -y nginx
SCRIPT
curl -fsSL https://example.org/install.sh | bash -s -- --to "${ROOTFS_DIR}/usr/local"
curl -fsSL https://example.org/install.sh | PREFIX="${ROOTFS_DIR}/usr" sh
curl -fsSL https://example.org/install.sh | on_chroot
curl -fsSL https://example.org/words.txt | bash files/count.sh
cat files/setup.sh | bash -n
