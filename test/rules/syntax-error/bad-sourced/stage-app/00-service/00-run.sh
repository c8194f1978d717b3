#!/bin/bash -e

# shellcheck source=SCRIPTDIR/../helpers.sh
source "${STAGE_DIR}/helpers.sh"

install_settings app.conf
