#!/bin/bash -e

on_chroot << 'EOF'
cat > /usr/local/bin/app << 'SCRIPT'
#!/bin/bash
# Runs $1.
exec /opt/app/run --user $APP_USER "$@"
SCRIPT
awk '{print $1}' /proc/mounts
start() {
	echo "starting $1"
}
apt-get update || echo "failed: $?"
EOF

on_chroot << 'EOF'
echo "deb [arch=$(dpkg --print-architecture)] https://example.org/debian stable main" > /etc/apt/sources.list.d/app.list
chown $(id -u app) /opt/app
EOF
