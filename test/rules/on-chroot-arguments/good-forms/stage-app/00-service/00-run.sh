#!/bin/bash -e

on_chroot << EOF
systemctl enable app.service
EOF

on_chroot -c "systemctl enable app.timer"
