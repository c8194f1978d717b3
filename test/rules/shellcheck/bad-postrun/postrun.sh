#!/bin/bash -e

for host in images; do
	scp "${DEPLOY_DIR}"/*.img "${host}:/srv/images/"
done
for folder in /srv/*/images; do
	rm -f $folder/*.old
done
for sums in ${DEPLOY_DIR}/SHA256SUMS; do
	cat "$sums"
done
