#!/bin/bash -e

find stage-app -name "*.sh" \
	-exec chmod +x {} \;
git clone --depth 1 https://github.com/RPi-Distro/pi-gen pi-gen
cp config pi-gen/
cp -a stage-app pi-gen/
pi-gen/build-docker.sh
