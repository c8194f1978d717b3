#!/bin/bash -e

ldconfig
