#!/bin/bash -e

log "Calling on_chroot for the packages"
on_chroot << EOF
# on_chroot has brought us here
echo "done by on_chroot"
echo "kernel of the host: $(on_chroot -c 'uname -r')"
EOF
