#!/bin/bash -e

# Written on Windows once
cat > "${ROOTFS_DIR}/boot/firmware/start.bat" << 'EOF'
@echo off
start app.exe
EOF
