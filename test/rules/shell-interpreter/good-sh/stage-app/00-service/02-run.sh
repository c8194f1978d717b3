set -e
install -d "${ROOTFS_DIR}/opt/app"
