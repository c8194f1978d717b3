#!/bin/bash
# Shows what the stage loop keeps, without changing it: the volume is mounted read-only.
#
# usage: kept-view.sh stages
#        kept-view.sh running
#        kept-view.sh mount RECORD PLACE=STAGE… -- COMMAND…
#        kept-view.sh shell RECORD STAGE PLACE -- COMMAND…
#   RECORD   name of the record of what was run last with one config
#   STAGE    name of a stage; with a `!` before it, as a failed step left it; with a `+`, as a try that runs
#            has it so far; with a `<`, the stage before it
#   PLACE    folder to mount the work folder at, as it was when that stage ended
#
# `stages` prints for each stage of which something is kept RECORD, STAGE, `whole`, `begun` (up to a sub-stage that did not pass)
# or `failed` (as the failed step left it), its time in seconds since 1970 and that step, separated by tabs and ended by a NUL; and a NUL at the end.
# `running` prints RECORD and STAGE of those that a try under way has a root file system of, in the same way.
# `mount` runs COMMAND when all are mounted, `shell` when STAGE is mounted so that it can be written to: what is written goes with
# the container. Exit status 3: nothing of that name is kept; 4: nothing of a stage before it.
set -u
export LC_ALL=C
volume=/pi-gen-kept
scratch=/pi-gen-scratch
boot="$(cat /proc/sys/kernel/random/boot_id)"

# A run that tidies up waits until nobody looks.
exec 9< "${volume}" && flock -s 9 || exit 3

# As in try-stage.sh: layers that had not been waited for may be damaged after a power cut.
survived() {
	[ -e "$1/synced" ] || [ "$(cat "$1/boot" 2> /dev/null)" = "${boot}" ]
}

# Reads record $1: sets `order`, and for each stage of which something is kept `lowers` (its layers, the latest first), `copies`
# (where no overlay could be had) and `states`.
read_record() {
	local key name stage place parent='' above='' broken=''
	order=()
	declare -gA lowers=() copies=() states=()
	while IFS=$'\t' read -r key _ name; do
		stage="${name%%/*}"
		place="${volume}/layers/${key}"
		if [ -d "${place}/work" ] && survived "${place}"; then
			copies["${stage}"]="${place}/work" states["${stage}"]=whole
			order+=("${stage}")
		fi
		# Only a prerun.sh and a sub-stage leave a layer.
		[ "${stage}" != "${name}" ] || continue
		if [ -n "${broken}" ] || [ ! -d "${place}/fs" ] || [ "$(cat "${place}/parent" 2> /dev/null)" != "${parent}" ] || ! survived "${place}"; then
			broken=1
			[ -z "${lowers[${stage}]:-}" ] || states["${stage}"]=begun
			continue
		fi
		parent="$(cat "${place}/id")"
		above="${key}/fs${above:+:${above}}"
		# What it holds went into the next layer.
		if [ -e "${place}/unfinished" ]; then
			[ -z "${lowers[${stage}]:-}" ] || states["${stage}"]=begun
			continue
		fi
		[ -n "${lowers[${stage}]:-}" ] || order+=("${stage}")
		lowers["${stage}"]="${above}" states["${stage}"]=whole
	done < "${volume}/records/$1"
}

print_stages() {
	local record stage failed
	for record in "${volume}"/records/*; do
		[[ -f "${record}" && "${record}" != *.new ]] || continue
		read_record "${record##*/}"
		for stage in "${order[@]}"; do
			printf '%s\t%s\t%s\t%s\t\0' "${record##*/}" "${stage}" "${states[${stage}]}" "$(stat -c %Y "${record}")"
		done
		failed="${volume}/failed/${record##*/}"
		if [ -e "${failed}/stage" ] && survived "${failed}"; then
			printf '%s\t%s\tfailed\t%s\t%s\0' "${record##*/}" "$(cat "${failed}/stage")" "$(stat -c %Y "${failed}/stage")" "$(cat "${failed}/step")"
		fi
	done
	printf '\0'
}

# Sets `upper` to the folder that a try of record $1 writes to now. What an ended one left behind says nothing of itself.
find_running() {
	local record="$1" try place said
	upper=''
	for try in "${volume}"/tries/*; do
		{ read -r said < "${try}/record"; } 2> /dev/null || continue
		[ "${said}" = "${record} ${boot}" ] || continue
		for place in "${try}"/[0-9]*; do
			[ ! -e "${place}/lowers" ] || upper="${place}"
		done
	done
	[ -n "${upper}" ]
}

print_running() {
	local record place
	for record in "${volume}"/records/*; do
		record="${record##*/}"
		find_running "${record}" || continue
		# The work folder holds the work of all stages, or that of several images.
		for place in "${upper}"/fs/*/rootfs "${upper}"/fs/*/*/rootfs; do
			[ -d "${place}" ] || continue
			place="${place%/rootfs}"
			printf '%s\t%s\0' "${record}" "${place##*/}"
		done
	done
	printf '\0'
}

# Sets `found` to the layers of $1, or `copy`.
find_stage() {
	local wanted="$1" stage before=''
	found='' copy=''
	case "${wanted}" in
		'!'*)
			stage="${volume}/failed/${record}"
			[ "$(cat "${stage}/stage" 2> /dev/null)" = "${wanted#!}" ] && survived "${stage}" || return 1
			found="../failed/${record}/fs:$(cat "${stage}/lowers")"
			;;
		'+'*)
			find_running "${record}" || return 1
			found="../${upper#"${volume}"/}/fs:$(cat "${upper}/lowers")"
			;;
		'<'*)
			for stage in "${order[@]}"; do
				[ "${stage}" != "${wanted#<}" ] || break
				before="${stage}"
			done
			[ "${stage:-}" = "${wanted#<}" ] && [ -n "${before}" ] || return 1
			find_stage "${before}"
			;;
		*)
			found="${lowers[${wanted}]:-}" copy="${copies[${wanted}]:-}"
			[ -n "${found}${copy}" ]
			;;
	esac
}

# Mounts what find_stage found at $1, with further options $2.
mount_stage() {
	mkdir -p "$1" || return 1
	if [ -n "${copy}" ]; then
		[ -z "$2" ] && mount --bind "${copy}" "$1"
		return
	fi
	# As in kept-layers.sh: short names, because the options have a longest length.
	# No index: with one, the kernel refuses the layer that a try writes to.
	(cd "${volume}/layers" && LIBMOUNT_FORCE_MOUNT2=always mount -t overlay pi-gen-look \
		-o "${2:-ro,nodev,nosuid,noexec,index=off},redirect_dir=on,metacopy=off,lowerdir=${found%:}:../empty${3:-}" "$1")
}

# As in try-stage.sh: stages that differ from those in the image.
put_stages() {
	local from to
	while IFS=$'\t' read -r from to; do
		rm -rf "${to}" && mkdir -p "${to%/*}" && mv -T "${from}" "${to}"
	done < /pi-gen-try/put
}

case "$1" in
	stages)
		print_stages
		exit
		;;
	running)
		print_running
		exit
		;;
	mount)
		record="$2"
		[ -f "${volume}/records/${record}" ] || exit 3
		read_record "${record}"
		shift 2
		while [ "$1" != -- ]; do
			if ! find_stage "${1#*=}"; then
				[[ "$1" != *'=<'* ]] || exit 4
				exit 3
			fi
			# A try that runs may have gone on meanwhile.
			mount_stage "${1%%=*}" '' || { find_stage "${1#*=}" && mount_stage "${1%%=*}" ''; } || exit 1
			shift
		done
		;;
	shell)
		record="$2"
		[ -f "${volume}/records/${record}" ] || exit 3
		read_record "${record}"
		find_stage "$3" || exit 3
		mkdir -p "${scratch}/upper" "${scratch}/work"
		mount_stage "$4" rw ",upperdir=${scratch}/upper,workdir=${scratch}/work" || exit 1
		put_stages
		shift 4
		;;
esac
shift
exec "$@"
