echo app > /etc/app.units

while read -r name; do
	systemctl enable "$name"
done < /etc/app.units

echo Units (all) are enabled
