#!/bin/bash -e
# A build.sh of the time before capsh, in outline.

run_sub_stage() {
	"./${SUB_STAGE_DIR}/00-run.sh"
}

run_stage() {
	./prerun.sh
}

source scripts/common
