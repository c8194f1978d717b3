#!/bin/bash -e

# apt-key add - is gone
curl -fsSL https://example.org/key.asc -o /usr/share/keyrings/example.asc
if command -v apt-key; then
	apt-key list
fi
apt-key list || true
cat > /usr/local/bin/add-key << 'SCRIPT'
#!/bin/bash
apt-key add "$1"
SCRIPT
echo "apt-key is gone"
