#!/bin/bash -e

make -s &> /dev/null && echo done
echo "run app &"
cat > /usr/bin/start << EOF
app &
EOF
