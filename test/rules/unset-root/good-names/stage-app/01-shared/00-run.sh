#!/bin/bash -e

. "$(dirname "$0")/../settings.sh"
install -d "${ROOT_FS}/etc/app"
