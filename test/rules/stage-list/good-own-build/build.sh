#!/bin/bash -e
# Builds the image with a pi-gen that is fetched first.

git clone --depth 1 https://github.com/RPi-Distro/pi-gen.git pi-gen
cp -r config stage-app pi-gen/
cd pi-gen
sudo ./build.sh
