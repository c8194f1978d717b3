#!/bin/bash -e

pip3 install flask
sudo pip install --upgrade -r /opt/app/requirements.txt
python3 -m pip install --no-cache-dir gpiozero
