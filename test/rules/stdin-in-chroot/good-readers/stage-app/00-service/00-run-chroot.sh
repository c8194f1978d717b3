#!/bin/bash -e

apt-get update
apt-get install -y tree
apt-get -qq remove tree
DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Options::=--force-confold upgrade
cat > /etc/app.conf << CONF
port=80
CONF
cat /etc/app.conf > /etc/app.copy
echo port=81 | tee -a /etc/app.conf
while read -r line; do
	echo "$line"
done < /etc/app.conf
grep port /etc/app.conf | while read -r line; do
	read -r other
	echo "$line $other"
done
{
	read -r first
	echo "$first"
} < /etc/app.conf
read -r host <<< "$(cat /etc/hostname)"
ssh -n app@example.org true
echo "pi:secret" | chpasswd
adduser --disabled-password --gecos "" app
passwd -l root
adduser app gpio
confirm() {
	read -r answer
}
confirm < /etc/app.conf
patch -N /etc/app.conf /opt/app/app.patch
patch -d /opt/app -p1 -i app.patch
ffmpeg || echo "ffmpeg is there"
ffmpeg -nostdin -i /opt/app/in.wav /opt/app/out.mp3
find /etc -name '*.old' | xargs -r rm
tee /etc/app.last
