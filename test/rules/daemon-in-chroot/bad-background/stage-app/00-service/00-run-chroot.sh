#!/bin/bash -e

/usr/bin/app --daemon &
nohup other > /var/log/other.log 2>&1 &
