#!/bin/bash -e
# A build.sh of the time of qcow2 images, in outline.

run_sub_stage() {
	"./${SUB_STAGE_DIR}/00-run.sh"
}

run_stage() {
	if [ "${USE_QCOW2}" = "1" ] && [ ! -f SKIP ]; then
		load_qimage
	fi
	if [ -x prerun.sh ]; then
		./prerun.sh
	fi
}

export RELEASE=${RELEASE:-buster}
export USE_QCOW2="${USE_QCOW2:-1}"
STAGE_LIST=${STAGE_LIST:-stage*}
