#!/bin/bash -e

on_chroot << 'EOF'
cat > /usr/local/bin/app << 'SCRIPT'
#!/bin/bash
# Runs $1.
exec /opt/app/run --user $APP_USER "$@"
SCRIPT
awk -F: '{print $1}' /etc/passwd > /etc/app-users
start() {
	echo "starting $1"
}
start app > /etc/app-started
apt-get update || echo "failed: $?"
EOF

on_chroot << 'EOF'
echo "deb [arch=$(dpkg --print-architecture)] https://example.org/debian stable main" > /etc/apt/sources.list.d/app.list
chown $(id -u app) /opt || true
EOF
