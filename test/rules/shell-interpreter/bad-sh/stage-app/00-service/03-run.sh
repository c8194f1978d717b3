#!/bin/dash -e
source ../lib.sh
read -r name <<< "$IMG_NAME"
