#!/bin/sh
# The ShellCheck of this machine, which notes each time that it is started, and waits where it is told to.
echo "$$ $*" >> "${0%/*}/started"
if [ -e "${0%/*}/wait" ] && [ "$1" != --version ]; then
  sleep 1000
fi
exec "$(cat "${0%/*}/real")" "$@"
