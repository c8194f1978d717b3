if [ -z $APP_NAME ]; then
	echo "no name"
fi
