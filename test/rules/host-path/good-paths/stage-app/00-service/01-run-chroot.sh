touch /etc/app.d/z
