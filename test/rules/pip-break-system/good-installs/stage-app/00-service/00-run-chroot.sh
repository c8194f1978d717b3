#!/bin/bash -e

python3 -m venv /opt/app/venv
/opt/app/venv/bin/pip install flask
/opt/app/venv/bin/python -m pip install gpiozero
pip3 install --break-system-packages requests
pip3 install --target /opt/app/lib requests
pip3 list
echo "pip3 install flask"
