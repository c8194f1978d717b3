#!/bin/bash -e

source /opt/setup/languages.sh

echo "Installing Python"
python
echo "Installing Go"
golang
