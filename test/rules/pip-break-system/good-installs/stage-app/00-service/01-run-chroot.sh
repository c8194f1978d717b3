#!/bin/bash -e

. /opt/app/venv/bin/activate
pip install flask
