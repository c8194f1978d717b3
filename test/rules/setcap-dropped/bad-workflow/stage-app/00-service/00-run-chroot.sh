#!/bin/bash -e

setcap cap_net_raw+ep /usr/bin/app
setcap cap_net_raw+ep /usr/bin/other || true
