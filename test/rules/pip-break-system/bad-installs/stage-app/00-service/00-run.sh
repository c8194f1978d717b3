#!/bin/bash -e

on_chroot << EOF
pip3 install flask
EOF
