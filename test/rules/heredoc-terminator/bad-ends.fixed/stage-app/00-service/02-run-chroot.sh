cat > /etc/app.conf << EOF
port=80
EOF
chmod 644 /etc/app.conf
