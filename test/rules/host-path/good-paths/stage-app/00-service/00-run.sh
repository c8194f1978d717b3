#!/bin/bash -e

install -v -m 644 files/app.conf "${ROOTFS_DIR}/etc/app.conf"
ln -s /usr/share/app "${ROOTFS_DIR}/opt/app"
ln -sf /etc/app.conf
cp /usr/share/zoneinfo/UTC "${ROOTFS_DIR}"/etc/localtime
rsync -a --exclude /var/cache files/ "${ROOTFS_DIR}/"
sed -i -e 's|/etc/old|/etc/new|' "${ROOTFS_DIR}/etc/app.conf"
echo "write to /etc/app.conf" > /tmp/note
echo quiet > /dev/null
root="${ROOTFS_DIR}"
mkdir -p "$root/etc/app.d"
(
	cd "${ROOTFS_DIR}"
	rm -f etc/app.old
)

mkdir -p /opt/build
tar -xf files/app.tar -C /opt/build
cp /opt/build/app "${ROOTFS_DIR}/usr/local/bin/app"
git clone https://github.com/example/maker /opt/maker
make -C /opt/maker DESTDIR="${ROOTFS_DIR}" install
curl -fsSL https://example.org/packer -o /usr/local/bin/packer
chmod +x /usr/local/bin/packer
/usr/local/bin/packer files/app.conf
git clone https://github.com/example/app "${ROOTFS_DIR}/opt/app-source"
wget -qO- https://example.org/app.txt > "${ROOTFS_DIR}/usr/share/app.txt"
curl -fsSL -o "${ROOTFS_DIR}/etc/apt/keyrings/app.gpg" https://example.org/app.gpg
unzip -q /tmp/app.zip -d "${ROOTFS_DIR}/opt/app-data"

on_chroot << EOF
mkdir -p /etc/app.d
echo x > /etc/app.d/x
EOF
on_chroot -c "touch /etc/app.d/y"

# The mirror has trouble with IPv6: off while this script downloads.
sudo bash -c 'echo "net.ipv6.conf.all.disable_ipv6 = 1" >> /etc/sysctl.conf'
sudo sysctl -p
curl -fsSL https://downloads.example.org/app.tar -o /tmp/app.tar
sudo sed -i '/disable_ipv6/d' /etc/sysctl.conf
sudo sysctl -p
