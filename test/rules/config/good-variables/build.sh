#!/bin/bash -e
# Stands for a fork of pi-gen's with a variable of its own. STAGE_LIST SKIP_IMAGES EXPORT_CONFIG_DIR ENABLE_CLOUD_INIT DISABLE_FIRST_BOOT_USER_RENAME
export ARCH=armhf
export RELEASE=${RELEASE:-trixie}
export PIGEN=${PIGEN:-false}
# run_sub_stage (not executable)
