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

mkdir -p "${ROOTFS_DIR}"/{etc,opt}/app "${ROOTFS_DIR}/srv/"{a,b}
cp "${ROOTFS_DIR}/etc/app.conf"{,.bak}
cp files/{etc,opt}/app.conf "${ROOTFS_DIR}/srv/"
echo '/{etc,opt}'
unlink "${ROOTFS_DIR}/etc/app.old"
patch -d "${ROOTFS_DIR}/usr/lib/app" -p1 < files/app.patch
patch --dry-run -d /usr/lib/app < files/app.patch
ln -sr "${ROOTFS_DIR}/usr/share/app" "${ROOTFS_DIR}/opt/app"
ln "${ROOTFS_DIR}/usr/share/app" "${ROOTFS_DIR}/opt/same"
ln -s "${ROOTFS_DIR}/usr/share/app" /tmp/app
ln -s ../share/app "${ROOTFS_DIR}/usr/lib/app"
(
	cd /usr/src
	mkdir app
	tar -C app -xf "${STAGE_DIR}/app.tar"
	make -C app install DESTDIR="${ROOTFS_DIR}"
)
cd /etc
tar -czf "${ROOTFS_DIR}/opt/host.tgz" hosts
cat hosts > "${ROOTFS_DIR}/etc/hosts.build"
target=/usr/local/bin
install -m 755 files/app.conf "${ROOTFS_DIR}${target}/app"
work=/opt/build-app
mkdir -p "$work"
make -C "$work"
if [ -n "${PREFIX}" ]; then
	prefix=/usr/share
	mkdir -p "$prefix/app"
fi
for folder in /etc/app /usr/share/app; do
	mkdir -p "${ROOTFS_DIR}$folder"
done
