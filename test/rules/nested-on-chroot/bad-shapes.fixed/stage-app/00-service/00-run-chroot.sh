#!/bin/bash -e

install_app() {
		cat > /etc/app.conf <<- CONF
			port=80
		CONF
		systemctl enable app.service
}

if [ -e /etc/debian_version ]; then
echo "home is $HOME"
fi

for name in one two; do
echo $HOME costs \$5 and `date`
done

if ! bash -e << EOF
test -e /etc/debian_version
EOF
then
	touch /etc/app-elsewhere
fi
install_app

bash -e << EOF
test -x /usr/bin/app || exit 0
app --setup
EOF
bash -e -c "systemctl enable app.service"
bash -e <<< "systemctl enable app.timer"
echo "systemctl enable app.socket" | bash -e
systemctl enable app.path
bash -e << EOF > /var/log/app-setup.log
app --version
EOF
