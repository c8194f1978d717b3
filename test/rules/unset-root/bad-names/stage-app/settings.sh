#!/bin/bash
APP_PORT=80
