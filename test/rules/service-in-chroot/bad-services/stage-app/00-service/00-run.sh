#!/bin/bash -e

on_chroot << EOF
systemctl start app
EOF
