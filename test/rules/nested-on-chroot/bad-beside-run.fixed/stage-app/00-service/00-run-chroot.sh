#!/bin/bash -e

systemctl enable app.service
echo "installed at $(date)" > /etc/app-installed

ldconfig
