systemctl enable app.service
