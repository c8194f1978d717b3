#!/bin/bash
NAME="${IMG_FILENAME}.img"

echo "The image is ${DEPLOY_DIR}/${NAME}."
echo "Write it to a card: dd if=${NAME} of=/dev/sdX bs=4M"
