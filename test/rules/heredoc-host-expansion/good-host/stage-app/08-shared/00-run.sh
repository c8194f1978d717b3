#!/bin/bash -e

. ../settings.sh

on_chroot << EOF
unit=other
systemctl enable $unit
EOF
