#!/bin/bash -e

getcap /usr/bin/app
setcap -r /usr/bin/app
echo "setcap cap_net_raw+ep /usr/bin/app"
