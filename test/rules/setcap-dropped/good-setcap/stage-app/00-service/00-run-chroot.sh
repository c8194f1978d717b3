#!/bin/bash -e

setcap cap_net_raw+ep /usr/bin/app
