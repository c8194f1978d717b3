#!/bin/bash -e

uname -a
uname -r
echo "built on $(uname -r)"
machine=$(uname -m)
for kernel in /lib/modules/*; do
	depmod -a "$(basename "$kernel")"
done
if [ -d "/lib/modules/$(uname -r)" ]; then
	depmod -a "$(uname -r)"
fi
cat > /usr/local/bin/app << 'SCRIPT'
#!/bin/bash
modprobe app-$(uname -r)
SCRIPT
echo "$machine"
