#!/bin/bash -e

# The service runs as a user of its own.
useradd --system --home-dir /var/lib/app app
systemctl enable app.service
