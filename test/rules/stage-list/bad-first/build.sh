#!/bin/bash -e
# Stands for pi-gen's own. STAGE_LIST SKIP_IMAGES EXPORT_CONFIG_DIR ENABLE_CLOUD_INIT DISABLE_FIRST_BOOT_USER_RENAME
export ARCH=armhf
export RELEASE=${RELEASE:-trixie}
# run_sub_stage (not executable)
