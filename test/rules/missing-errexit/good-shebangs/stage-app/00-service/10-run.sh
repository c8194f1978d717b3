#!/bin/bash

# The status of on_chroot, which stops at the first failure, is the script's.
on_chroot << EOF
chown -R 1000:1000 /home/${FIRST_USER_NAME}
apt-get clean
EOF
