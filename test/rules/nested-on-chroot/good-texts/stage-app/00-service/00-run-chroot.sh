#!/bin/bash -e

# on_chroot << EOF
echo "no on_chroot needed here"
printf '%s\n' 'on_chroot << EOF'
cat > /usr/local/share/app-notes << EOF
on_chroot << X
ls
X
EOF
grep -q on_chroot /usr/local/share/app-notes
