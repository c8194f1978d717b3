#!/bin/bash
# What a stage of an ended build added to, removed from and changed in the root file system of the stage before it.
#
# usage: compare-stage.sh WORK_FOLDER STAGE [EARLIER]
#   WORK_FOLDER  holds the work of all stages, or that of several images: /pi-gen/work
#   EARLIER      the same folder as it was when the stage before had ended, where that is another one
#
# Prints records, each ended by a NUL: `stages BEFORE STAGE`; `-` or `+` with type, mode, owner, group, size, time and path,
# separated by tabs, of what differs, the path of a link followed by `//` and where it leads; `<` or `>` with name, version, architecture and size in kB of every package; `.` at the
# end. Exit status 3: there is no such stage; 4: nothing was built before it.
set -u
export LC_ALL=C
work="$1"
wanted="$2"
earlier="${3:-${work}}"
place=
for folder in "${work}/${wanted}" "${work}"/*/"${wanted}"; do
	[ ! -d "${folder}/rootfs" ] || place="${folder}"
done
[ -n "${place}" ] || exit 3

# build.sh's log tells the order. A stage that it passed over is named there too.
before=
while IFS= read -r stage; do
	[ "${stage}" != "${wanted}" ] || break
	[ ! -d "${place%/*}/${stage}/rootfs" ] || before="${stage}"
done < <(grep -aoE '^\[[0-9:]{8}\] Begin /[^ ]*$' "${place%/*}/build.log" | sed 's|.*/||')
[ -n "${before}" ] || exit 4
before_rootfs="${earlier}${place#"${work}"}"
before_rootfs="${before_rootfs%/*}/${before}/rootfs"
printf 'stages\t%s\t%s\0' "${before}" "${wanted}"

# Times and sizes of folders tell nothing. The rsync of copy_previous (scripts/common) keeps all others to the second: it leaves
# the time of its copy where that is within the same one. A link is where it leads.
list() {
	(cd "$1" && find . -xdev -mindepth 1 -path ./var/cache/apt/archives -prune -o \
		\( -type d -printf 'd\t%m\t%U\t%G\t0\t0\t%P\0' \) -o \
		\( -type l -printf 'l\t%m\t%U\t%G\t%s\t0\t%P//%l\0' \) -o \
		-printf '%y\t%m\t%U\t%G\t%s\t%Ts\t%P\0') | sort -z
}
comm -z -3 <(list "${before_rootfs}") <(list "${place}/rootfs") |
	sed -z -e 's/^\t/+\t/' -e t -e 's/^/-\t/'

packages() {
	dpkg-query --admindir="$2/var/lib/dpkg" -W \
		-f="\${db:Status-Status}\t$1\t\${Package}\t\${Version}\t\${Architecture}\t\${Installed-Size}\n" 2> /dev/null |
		sed -n 's/^installed\t//p' | tr '\n' '\0'
}
packages '<' "${before_rootfs}"
packages '>' "${place}/rootfs"
printf '.\0'
