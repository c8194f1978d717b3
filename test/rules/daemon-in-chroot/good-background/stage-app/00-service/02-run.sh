#!/bin/bash -e

sleep 1 &
