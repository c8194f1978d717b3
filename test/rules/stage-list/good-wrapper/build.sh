#!/bin/bash -e

git clone --depth 1 https://github.com/RPi-Distro/pi-gen pi-gen
cp config pi-gen/
cp -r stage-app pi-gen/
cd pi-gen
./build-docker.sh
