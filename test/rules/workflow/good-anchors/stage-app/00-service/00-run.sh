#!/bin/bash -e

install -m 644 ../01-conf/files/app.conf "${ROOTFS_DIR}/etc/"
if [ -d ../../shared ]; then
	cp ../../shared/app.conf "${ROOTFS_DIR}/etc/"
fi
cp "${STAGE_DIR}/../stage-app/01-conf/files/app.conf" "${ROOTFS_DIR}/opt/"
cp "${WORK_DIR}/../shared/app.conf" "${ROOTFS_DIR}/opt/" || true
echo "${STAGE_DIR}/.." "a ../../shared/x"
