if [[ -e /etc/app.conf
then
	chmod 640 /etc/app.conf
fi
