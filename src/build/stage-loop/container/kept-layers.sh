# shellcheck shell=bash
# Variables come from try-stage.sh (SC2154), and commands are compared as build.sh writes them (SC2016).
# shellcheck disable=SC2154,SC2016
#
# Layers of kept stages, and the hooks that make them while pi-gen's own build.sh runs, unchanged. try-stage.sh sources
# this file; bash reads it through BASH_ENV when build.sh starts. Nothing of it is exported: steps see none of it.
#
# A layer is what one prerun.sh or sub-stage added to the work folder: an overlay's upper folder, whiteouts and
# trusted.overlay attributes included. Each stands on the one before it (its file `parent` names that one's `id`).

__kept_volume=/pi-gen-kept
__kept_try=/pi-gen-try

# Mounts the work folder: the layers in __kept_lowers (the latest first, separated by colons) below a new, empty one.
__kept_mount() {
	local left
	__kept_number=$((__kept_number + 1))
	__kept_upper="${__kept_volume}/tries/${__kept_id}/${__kept_number}"
	mkdir -p "${__kept_upper}/fs" "${__kept_upper}/work" || return 1
	# For whoever looks into what a failed step left.
	echo "${__kept_lowers}" > "${__kept_upper}/lowers" || return 1
	# Where the engine looks into the container, it holds the last mount a moment longer than we do, and with it the layer that
	# is the uppermost of the lower ones now: the kernel refuses that meanwhile, but where it keeps no index. Nobody writes by the
	# mount that is held.
	for ((left = 20; left > 0; left--)); do
		__kept_mount_once "${__kept_options}" && return 0
		sleep 0.1
		# A mount that failed has marked it as in use.
		rm -rf "${__kept_upper}/work" && mkdir "${__kept_upper}/work" || return 1
	done
	__kept_mount_once "${__kept_options/index=on/index=off}"
}

# With the options $1. The new mount API takes option values of 255 bytes only; the layers' names are relative to stay below 4,096.
__kept_mount_once() {
	(cd "${__kept_volume}/layers" && LIBMOUNT_FORCE_MOUNT2=always mount -t overlay pi-gen-work \
		-o "$1,lowerdir=${__kept_lowers:-../empty},upperdir=${__kept_upper}/fs,workdir=${__kept_upper}/work" \
		"${__kept_workplace}")
}

# Scripts must not be able to change what is kept: outside of this file's own work the volume cannot be written to.
__kept_writable() {
	mount -o remount,bind,rw "${__kept_volume}"
}
__kept_read_only() {
	mount -o remount,bind,ro "${__kept_volume}"
}

# on_chroot's mounts (/proc, /dev, the tmpfs on /run and /tmp) live until the stage ends, so they move over to the next
# mount of the work folder. Sets `places` to those of them that hang on it directly. Below the work folder's own mount there are
# others of the same place: the image's volume, and again that volume where the engine looked into the container.
__kept_submounts() {
	local line own=''
	local -a mounts=() fields=() ours=()
	local -A below=()
	# At once and without a fork: a step of a try takes no longer than this would.
	mapfile -t mounts < /proc/self/mountinfo
	for line in "${mounts[@]}"; do
		[[ ${line} == *" ${__kept_workplace} "* ]] || continue
		read -ra fields <<< "${line}"
		[ "${fields[4]}" = "${__kept_workplace}" ] || continue
		ours+=("${fields[0]}") below["${fields[1]}"]=1
	done
	for line in "${ours[@]}"; do
		[ -n "${below[${line}]:-}" ] || own="${line}"
	done
	places=()
	for line in "${mounts[@]}"; do
		[[ ${line} == *" ${own} "* ]] || continue
		read -ra fields <<< "${line}"
		[ "${fields[1]}" = "${own}" ] || continue
		printf -v line '%b' "${fields[4]}"
		places+=("${line}")
	done
}

# A file with several names that was changed through one of them is whole in the overlay's index only, which is no part
# of the layer: writing each name up makes it so.
__kept_complete_links() {
	local name inode path
	local -A changed=()
	# Without a fork where there is none, which is usual.
	for name in "${__kept_upper}/work/index"/*; do :; done
	[ -e "${name}" ] || return 0
	while IFS= read -r -d '' name; do
		changed["$(stat -c %i "${__kept_workplace}/${name}")"]=1
	done < <(find "${__kept_upper}/fs" -type f -links +1 -printf '%P\0')
	while read -r -d '' inode path; do
		[ -z "${changed[${inode}]:-}" ] || touch -h -c -r "${path}" "${path}" || return 1
	done < <(find "${__kept_workplace}" -xdev -type f -links +1 -printf '%i %p\0')
}

# Puts the layer $1 of node $2 in its place, and sets `layer` to its name. Another try that runs may have made that node's layer
# meanwhile, and stand on it: this one and those above it then get names of their own, which the next try takes away.
__kept_store() {
	layer="$2"
	if [ -n "${__kept_aside}" ] || ! mv -T "$1" "${__kept_volume}/layers/${layer}" 2> /dev/null; then
		__kept_aside=1
		layer="${layer}.${__kept_id%%-*}"
		mv -T "$1" "${__kept_volume}/layers/${layer}"
	fi
}

# Keeps what the overlay holds as the layer of node $1, and goes on above it.
__kept_commit() {
	local key="$1" place layer count=0
	local -a places=()
	__kept_submounts
	__kept_writable || return 1
	__kept_complete_links || return 1
	for place in "${places[@]}"; do
		[ -d "${__kept_try}/held/${count}" ] || mkdir -p "${__kept_try}/held/${count}"
		mount --move "${place}" "${__kept_try}/held/${count}" || return 1
		count=$((count + 1))
	done
	if umount "${__kept_workplace}" 2> /dev/null; then
		rm -rf "${__kept_upper}/work" "${__kept_upper}/lowers"
		__kept_sign "${__kept_upper}" "${key}" || return 1
		__kept_store "${__kept_upper}" "${key}" || return 1
		__kept_lowers="${layer}/fs${__kept_lowers:+:${__kept_lowers}}"
		__kept_mount || return 1
	else
		__kept_store_unfinished "${key}" || return 1
	fi
	count=0
	for place in "${places[@]}"; do
		mount --move "${__kept_try}/held/${count}" "${place}" || return 1
		count=$((count + 1))
	done
	__kept_read_only
}

# A process that a step left behind uses the folder. What it holds goes into the next layer; that of node $1 says so.
__kept_store_unfinished() {
	local empty="${__kept_volume}/tries/${__kept_id}/unfinished"
	mkdir -p "${empty}/fs" && true > "${empty}/unfinished" || return 1
	__kept_sign "${empty}" "$1" && __kept_store "${empty}" "$1"
}

# Takes the rootfs of the stage before by renaming it, in place of copy_previous of prerun.sh (scripts/common), which then
# finds its rootfs there. The copy leaves var/cache/apt/archives out.
__kept_take_previous() {
	[ -d "${PREV_ROOTFS_DIR}" ] && [ ! -e "${ROOTFS_DIR}" ] || return 0
	mkdir -p "${ROOTFS_DIR%/*}" && mv -T "${PREV_ROOTFS_DIR}" "${ROOTFS_DIR}" || return 1
	mkdir "${PREV_ROOTFS_DIR}" && rm -rf "${ROOTFS_DIR}/var/cache/apt/archives"
}

# Before a command of build.sh's own or of its run_stage: after a prerun.sh or a sub-stage, and before a prerun.sh.
__kept_before() {
	local sub_stage="${__kept_running}"
	__kept_running=
	[ -z "${sub_stage}" ] || __kept_ended "${sub_stage}"
	case "$1" in
		run_sub_stage) __kept_running="${SUB_STAGE_DIR}" ;;
		'./prerun.sh')
			[ -z "${__kept_takes[${STAGE_DIR}]:-}" ] || __kept_take_previous
			;;
		'log "End ${STAGE_DIR}/prerun.sh"') __kept_ended "${STAGE_DIR}/prerun.sh" ;;
		'log "End ${STAGE_DIR}"') __kept_save_copy ;;
	esac
}

# Where no overlay can be had: the work folder as it is when an earlier stage has ended.
__kept_save_copy() {
	local key="${__kept_copies[${STAGE_DIR}]:-}" layer
	local copy="${__kept_volume}/tries/${__kept_id}/copy"
	[ -n "${key}" ] || return 0
	unset "__kept_copies[${STAGE_DIR}]"
	__kept_writable || return 1
	mkdir -p "${copy}" && cp -a --reflink=auto "${__kept_workplace}" "${copy}/work" || return 1
	__kept_sign "${copy}" "${key}" && __kept_store "${copy}" "${key}" || return 1
	__kept_read_only
}

# Says in a layer ($1) which node it is of ($2), and what it stands on.
__kept_sign() {
	local boot
	echo "${__kept_parent}" > "$1/parent" || return 1
	__kept_parent="${__kept_id}.$2"
	read -r boot < /proc/sys/kernel/random/boot_id
	echo "${__kept_parent}" > "$1/id" && echo "${boot}" > "$1/boot"
}

__kept_ended() {
	# Only in the order that was foreseen: else nothing more is kept.
	if [ "$1" != "${__kept_paths[0]:-}" ]; then
		__kept_paths=()
		return 0
	fi
	local key="${__kept_keys[0]}"
	__kept_paths=("${__kept_paths[@]:1}")
	__kept_keys=("${__kept_keys[@]:1}")
	if [ "$1" = "${__kept_final}" ] && [ ! -x "${BASE_DIR}/postrun.sh" ]; then
		__kept_put_off "${key}"
	else
		__kept_commit "${key}"
	fi
}

# Nothing runs behind the last node but what writes the log: its layer (of node $1) is made when build.sh has ended and the
# folder is let go in any case (try-stage.sh, commit_final), up to where the log is now.
__kept_put_off() {
	local __kept_key="$1" __kept_log="${LOG_FILE}" __kept_log_size
	__kept_log_size="$(stat -c %s "${LOG_FILE}")" || return 1
	declare -p __kept_key __kept_log __kept_log_size __kept_upper __kept_parent __kept_aside > "${__kept_try}/final"
}

# The start line registers qemu for foreign programs, which takes half a second. Where the engine's kernel knows it
# already, and has it at hand in any root file system (flag F), nothing is left to do.
__kept_registered() {
	local name told
	local folder=/proc/sys/fs/binfmt_misc
	[ -e "${folder}/register" ] || mount -t binfmt_misc binfmt_misc "${folder}" 2> /dev/null || return 1
	for name in qemu-arm qemu-aarch64; do
		[ -e "${folder}/${name}" ] || return 1
		IFS= read -r -d '' told < "${folder}/${name}"
		[[ ${told} == *'flags:'*F*offset* ]] || return 1
	done
}

if [ "${0##*/}" = build.sh ]; then
	unset BASH_ENV
	# Holds the variables used above, as try-stage.sh left them.
	# shellcheck source=/dev/null
	source "${__kept_try}/state"
	# Path of the sub-stage that run_stage came to last.
	__kept_running=
	# Of all functions, only run_stage is looked into: run_sub_stage asks for a hundred numbers of steps, so that following it would
	# take longer than what it runs. The first look is not left to the function: few commands matter.
	trap 'case "${__kept_running}${BASH_COMMAND}" in
		run_stage) declare -ft run_stage ;;
		/* | run_sub_stage | ./prerun.sh | "log "*)
			__kept_before "${BASH_COMMAND}" 2>> "${__kept_try}/complaints" || { cat "${__kept_try}/complaints" >&2; exit 1; } ;;
	esac' DEBUG
else
	dpkg-reconfigure() {
		__kept_registered || command dpkg-reconfigure "$@"
	}

	# Without an export nobody collects the log from the folder that the start line copies it to.
	rsync() {
		[ "${*: -1}" != deploy/ ] || [ ! -e "${__kept_try}/no-export" ] || return 0
		command rsync "$@"
	}
fi
