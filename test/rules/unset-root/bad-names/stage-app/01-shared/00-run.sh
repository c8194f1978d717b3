#!/bin/bash -e

source "${STAGE_DIR}/settings.sh"
. ./files/more.sh

install -d "${ROOT_FS}/etc/app"
