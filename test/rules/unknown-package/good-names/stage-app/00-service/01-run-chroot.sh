apt-get update
if [ "$RELEASE" = bookworm ]; then
	apt-get install -y libicu72
else
	apt-get install -y libicu76
fi
apt-get install -y chromium-browser || apt-get install -y vim
[ -e /etc/ntp.conf ] && apt-get install -y ntp
for name in tree; do
	apt-get install -y "$name" no-such-package
done
install_ntp() {
	apt-get install -y ntp
}
apt-get install -y -t trixie-backports no-such-package
apt-get remove -y no-such-package
echo "apt-get install no-such-package" > /etc/motd
