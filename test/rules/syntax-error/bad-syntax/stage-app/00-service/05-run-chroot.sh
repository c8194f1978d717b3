if [[ -e /etc/app.conf && -s /etc/app.conf ; then
	systemctl enable app
fi
