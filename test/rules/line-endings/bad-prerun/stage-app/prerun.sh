#!/bin/bash -e
# Prepares the stage.

echo "preparing ${STAGE}"
