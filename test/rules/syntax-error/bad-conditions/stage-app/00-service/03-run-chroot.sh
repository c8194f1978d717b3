if [[ -s /etc/app.conf -a -e /etc/app.key ]]; then
	chmod 600 /etc/app.key
fi
