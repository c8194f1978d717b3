#!/bin/bash -e

on_chroot << EOF
apt-get update && apt-get install -y pyhton3-pip "${APP_PACKAGE:-tree}"
EOF
