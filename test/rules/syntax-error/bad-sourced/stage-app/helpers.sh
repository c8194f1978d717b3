install_unit() {
	install -m 644 "files/$1" "${ROOTFS_DIR}/etc/systemd/system/$1"

install_settings() {
	install -m 644 "files/$1" "${ROOTFS_DIR}/etc/$1"
}
