#!/bin/bash -e

ufw allow ssh
sudo ufw --force enable
