#!/bin/bash -e

# Writes the name of this machine into the page, once, at its first boot.
web=/opt/ossuary/web
name="$(hostname)"
sed -i "s/@HOSTNAME@/${name}/" "${web}/index.html"
touch "${web}/.first-boot-done"
