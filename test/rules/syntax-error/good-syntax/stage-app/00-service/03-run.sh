#!/bin/bash -e

install -d "${ROOTFS_DIR}/var/lib/app"
exit 0

It's a note (for whoever reads on),
which bash never does.
