#!/bin/bash -e

install_app() {
	on_chroot <<- 'EOF'
		cat > /etc/app.conf <<- CONF
			port=80
		CONF
		systemctl enable app.service
	EOF
}

if [ -e /etc/debian_version ]; then
	on_chroot << "EOF"
echo "home is $HOME"
EOF
fi

for name in one two; do
	on_chroot << EOF
echo \$HOME costs \\\$5 and \`date\`
EOF
done

if ! on_chroot << EOF
test -e /etc/debian_version
EOF
then
	touch /etc/app-elsewhere
fi
install_app

on_chroot << EOF
test -x /usr/bin/app || exit 0
app --setup
EOF
on_chroot -c "systemctl enable app.service"
on_chroot <<< "systemctl enable app.timer"
echo "systemctl enable app.socket" | on_chroot
on_chroot systemctl enable app.path
on_chroot << EOF > /var/log/app-setup.log
app --version
EOF
