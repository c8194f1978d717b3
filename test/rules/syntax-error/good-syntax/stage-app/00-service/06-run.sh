#!/bin/bash -e

# What the image needs is in here, too; source ./NOTES for the whole story.
cat ./NOTES > "${ROOTFS_DIR}/etc/app-notes"
