#!/bin/bash -e

on_chroot << EOF
depmod -a $(uname -r)
EOF
