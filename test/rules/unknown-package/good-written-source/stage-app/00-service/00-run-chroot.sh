echo "deb https://packages.example/debian $(. /etc/os-release && echo "$VERSION_CODENAME") main" > /etc/apt/sources.list.d/app.list
apt-get update
apt-get install -y app-of-the-repository
