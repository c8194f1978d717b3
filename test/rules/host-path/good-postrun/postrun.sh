#!/bin/bash -e

# The images are made by now: what follows is meant for the machine that builds.
mkdir -p /srv/images
cp "${DEPLOY_DIR}"/*.img /srv/images/
chown -R builder:builder /srv/images
systemctl restart image-server
ln -sfn "/srv/images/${IMG_FILENAME}.img" /srv/images/latest.img
