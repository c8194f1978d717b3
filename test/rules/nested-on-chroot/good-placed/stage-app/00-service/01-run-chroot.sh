#!/bin/bash -e

systemctl enable app.timer
