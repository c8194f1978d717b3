rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
