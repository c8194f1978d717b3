#!/bin/bash -e

on_chroot << EOF
version=1.2
for file in app.conf app.env; do
	touch /etc/app-$version.\$file
	echo "making ${file}"
	echo ${file} >> /etc/app-files
done
ports=2
echo "$((ports + 1)) ports" > /etc/app-ports
echo "count: $((version_count + 1))" # $version
EOF

PORT=8080
on_chroot <<- EOF
	mkdir -p /home/${FIRST_USER_NAME}
	user_home=/home/${FIRST_USER_NAME}
	echo $PORT > "$user_home/port"
	read -r major < /etc/debian_version
	echo "$(basename "$user_home"): $major, ${major%.*}" > /etc/app-major
	first=`echo $major`
	echo "first is \$first" > /etc/app-first
EOF
