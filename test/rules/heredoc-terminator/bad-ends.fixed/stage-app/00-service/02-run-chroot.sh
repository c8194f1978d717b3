cat > /etc/app.port << EOF
port=80
EOF
chmod 644 /etc/app.port
