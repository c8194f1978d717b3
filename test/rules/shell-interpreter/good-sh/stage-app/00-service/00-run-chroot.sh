#!/bin/sh
if [[ -d /etc/app ]]; then
	source /etc/os-release
fi
