#!/bin/bash -e

on_chroot <<- 'EOF'
	systemctl enable app.path
EOF
on_chroot <<< "systemctl enable app.socket"
on_chroot < files/setup.sh
echo "systemctl enable app.target" | on_chroot
on_chroot -x -c "ldconfig" || true
on_chroot -ec "ldconfig"
on_chroot -s one two < files/setup.sh
if ! on_chroot -c "systemctl is-enabled ssh"; then
	on_chroot -o pipefail -c "systemctl list-unit-files | grep app"
fi
