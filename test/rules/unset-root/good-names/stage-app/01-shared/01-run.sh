#!/bin/bash -e

source "${STAGE_DIR}"/settings.sh
install -d "${ROOT_FS}/etc/app"
