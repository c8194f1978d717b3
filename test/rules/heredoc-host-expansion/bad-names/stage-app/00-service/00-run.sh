#!/bin/bash -e

on_chroot << EOF
version=1.2
for file in app.conf app.env; do
	cp /opt/app-$version/\$file /etc/app/
	chmod 644 /etc/app/${file}
done
echo "count: $((version_count + 1))" # $version
EOF

PORT=8080
on_chroot <<- EOF
	user_home=/home/${FIRST_USER_NAME}
	echo $PORT > "$user_home/port"
	read -r major < /etc/debian_version
	echo "$(basename "$user_home"): $major, ${major%.*}"
	first=`echo $major`
EOF
