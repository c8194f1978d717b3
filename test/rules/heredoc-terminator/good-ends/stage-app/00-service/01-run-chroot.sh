cat > /etc/app.conf << EOF
port=80
