#!/bin/sh -e

# No on_chroot and no [[ ]] in here
if [ "${ENABLE_SSH}" = 1 ]; then
	touch "${ROOTFS_DIR}/boot/firmware/ssh"
fi
echo "source, declare, on_chroot and [[ x ]] are words"
cat > "${ROOTFS_DIR}/usr/local/bin/app" << 'EOF'
#!/bin/bash
source /etc/app.conf
[[ -n "$APP" ]] && app
EOF
