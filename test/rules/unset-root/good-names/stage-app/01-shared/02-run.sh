#!/bin/bash -e

# Nothing is known of what it sets: it comes with the build container.
source /usr/local/lib/app-build.sh
install -d "${ROOT_FS}/etc/app"
