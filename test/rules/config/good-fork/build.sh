#!/bin/bash -e
# Stands for a fork of pi-gen's that went to an older release. STAGE_LIST SKIP_IMAGES EXPORT_CONFIG_DIR ENABLE_CLOUD_INIT DISABLE_FIRST_BOOT_USER_RENAME
export ARCH=armhf
export RELEASE=${RELEASE:-bookworm}
export PIGEN=${PIGEN:-false}
# run_sub_stage (not executable)
