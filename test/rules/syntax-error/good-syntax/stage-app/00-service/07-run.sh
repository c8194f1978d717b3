#!/bin/bash -e

for ((i = 0; i < 3; i++)); do
	if [[ -e "${ROOTFS_DIR}/srv/disk${i}"
		&& ! -L "${ROOTFS_DIR}/srv/disk${i}" ]]; then
		disks[i]="disk${i}"
	fi
done
for ((;;)); do break; done
sizes[${#disks[@]} * 2]=1
if [[ (${disks[0]:-} == disk[0-9]* || ${disks[0]:-} == @(sda|sd[b-z])) &&
	${IMG_NAME} =~ ^(app|kiosk)-[[:alnum:]]+$ && ${#sizes[@]} -ge 1 || ! ${IMG_NAME} < b ]]; then
	log "${disks[0]}"
fi
[[ ${IMG_NAME} = *-lite || -n ${IMG_NAME} ]] # no ]] of its own
[ -e "${ROOTFS_DIR}/etc" ] || echo "a [[ or an x[1 in a text"
