#!/bin/bash -e

bootstrap "${RELEASE}" "${ROOTFS_DIR}" http://raspbian.raspberrypi.org/raspbian/
