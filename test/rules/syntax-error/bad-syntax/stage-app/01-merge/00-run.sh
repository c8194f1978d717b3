#!/bin/bash -e

install -d "${ROOTFS_DIR}/opt/app"
<<<<<<< HEAD
touch "${ROOTFS_DIR}/opt/app/one"
=======
touch "${ROOTFS_DIR}/opt/app/two"
>>>>>>> feature/two
