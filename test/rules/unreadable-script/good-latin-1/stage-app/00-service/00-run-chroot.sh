#!/bin/bash -e
# Größe
ldconfig
