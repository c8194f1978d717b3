#!/bin/bash -e

source files/helpers.sh
