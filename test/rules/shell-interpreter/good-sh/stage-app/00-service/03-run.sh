#!/bin/bash -e
# Usage:
#!/bin/bash is the line above
source ../lib.sh
