cd /opt/app
touch ready
