#!/bin/bash -e

install -m 644 "${STAGE_DIR}/files/shared.conf" "${ROOTFS_DIR}/etc/shared.conf"
cp ../files/shared.conf "${ROOTFS_DIR}/etc/other.conf"
cp "$STAGE_DIR/files/${RELEASE}.conf" ../files/*.conf "${ROOTFS_DIR}/etc/"
cp "${STAGE_DIR}/files/maybe.conf" "${ROOTFS_DIR}/etc/" || true
echo port=81 > "${STAGE_DIR}/files/made-for-all.conf"
mkdir -p "${STAGE_DIR}/cache"
cp "${STAGE_DIR}/cache/app" ../cache/other "${ROOTFS_DIR}/opt/"
cp "${BASE_DIR}/work/app" "${BASE_DIR}/stage2/files/app" "${ROOTFS_DIR}/opt/"
cp ../../shared/app.conf "${ROOTFS_DIR}/opt/"
echo '${STAGE_DIR}/files/text'
cp '${STAGE_DIR}/files/quoted' "${ROOTFS_DIR}/opt/" || true
cp "${OTHER_DIR}/files/app" "${ROOTFS_DIR}/opt/"
