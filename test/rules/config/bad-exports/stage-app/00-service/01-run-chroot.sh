echo "$APP_HOST:${APP_PORT%%:*}" > /etc/app-address
