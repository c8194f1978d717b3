#!/bin/bash -e

curl -fsSL https://example.org/key.asc | apt-key add -
sudo apt-key adv --keyserver keyserver.ubuntu.com --recv-keys 508DFD8C12535AB9
