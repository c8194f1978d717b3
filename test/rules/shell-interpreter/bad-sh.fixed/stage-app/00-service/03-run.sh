#!/bin/bash -e
source ../lib.sh
read -r name <<< "$IMG_NAME"
