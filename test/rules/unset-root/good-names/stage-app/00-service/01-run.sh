#!/bin/bash -e

# shellcheck source=/dev/null
source "${BASE_DIR}/settings"
touch "$ROOT_FS/etc/app"
