#!/bin/bash -e

../stage-plain/prerun.sh
