#!/bin/bash
# pigen: disable-file=missing-errexit the script minds its own errors

# pigen: the rules on naming, see the wiki; enable=later
cat > "${ROOTFS_DIR}/etc/app.conf" << EOF
# pigen: disable=no-such-rule
EOF

on_chroot << EOF
# pigen: disable=nested-on-chroot,SC2086 kept for a friend
on_chroot apt-get clean
EOF
