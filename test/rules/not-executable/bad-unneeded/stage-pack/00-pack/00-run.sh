#!/bin/bash -e

du -sh "${WORK_DIR}"
