#!/bin/bash -e
# Nothing to copy: this stage only lists what was built.
