#!/bin/bash -e

# on_chroot and ${ROOTFS_DIR}/etc are of no use here.
cp "${EXPORT_ROOTFS_DIR}/etc/os-release" "${DEPLOY_DIR}/"
sha256sum "${DEPLOY_DIR}"/*.img > "${DEPLOY_DIR}/SHA256SUMS"
rm -rf "${EXPORT_ROOTFS_DIR}"
cat > "${DEPLOY_DIR}/README" << EOF
on_chroot << END is not run, and nothing is written to ${ROOTFS_DIR}/etc.
EOF
