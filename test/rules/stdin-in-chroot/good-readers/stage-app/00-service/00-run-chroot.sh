#!/bin/bash -e

apt-get update
apt-get install -y tree
apt-get -qq remove tree
apt-get install --fix-missing
useradd -m -s "$(command -v bash)" reader
if command -v cat > /dev/null; then
	echo "there is a cat"
fi
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
python3 -m venv /opt/app/venv
python3 -c 'print(1)'
python3 /opt/app/setup.py -
python3 - << PY
print(1)
PY
echo 'print(1)' | python3 -
bash /opt/app/setup.sh -s
bash -c "echo app" -s
sh -e /opt/app/setup.sh
curl -fsSL https://example.org/setup.sh | bash -s -- -y
bash -s < /opt/app/setup.sh
sh --version
mysql -u root -e "CREATE DATABASE app"
mysql -u root app < /opt/app/app.sql
psql -c "SELECT 1"
psql --file=/opt/app/app.sql
mysql --version
tee /etc/app.last
