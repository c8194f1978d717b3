if [ ! -z $APP_NAME ]; then
	echo "$APP_NAME"
fi
