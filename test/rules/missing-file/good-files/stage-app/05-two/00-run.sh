#!/bin/bash -e

mkdir -p files/bin
cp -f "${OTHER_DIR}/app" files/bin/app
