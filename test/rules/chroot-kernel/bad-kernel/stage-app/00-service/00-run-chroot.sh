#!/bin/bash -e

apt-get install -y "linux-headers-$(uname -r)"
kernel=$(uname -r)
depmod -a "$kernel"
mkdir -p /lib/modules/`uname -r`/extra
