#!/bin/bash -e

# "${ROOTFS_DIR}/etc" is a path of the build host.
echo "building in $ROOTFS_DIR"
[ -n "$ROOTFS_DIR" ] && echo "run by pi-gen"
for path in /etc/app/*; do
	echo "${path#"$ROOTFS_DIR"}" | sed "s|$ROOTFS_DIR||"
done
WORK_DIR=$(mktemp -d)
cd "$WORK_DIR"
git clone --depth 1 https://example.org/app.git .
cp files/app.conf /etc/app/
echo '$ROOTFS_DIR/etc' > /dev/null
