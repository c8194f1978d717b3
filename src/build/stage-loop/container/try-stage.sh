#!/bin/bash
# Runs in the build container, in place of pi-gen's start line, which it runs in turn: mounts the kept layers over the
# work folder, marks what is done with SKIP, and leaves the volume as it was but for what was to be kept.
#
# usage: try-stage.sh WORK_FOLDER FIRST TARGET_NODE TARGET RECORD
#   WORK_FOLDER  what holds the work of all stages: /pi-gen/work
#   FIRST        line of the file `nodes` (from 0) that runs anew in any case
#   TARGET_NODE  the first line that belongs to the stage that is tried, and TARGET its name
#   RECORD       name of the record of what was run last
# Beside this script, columns separated by tabs:
#   nodes        KEY OWN KIND PATH FROM NAME: what the rootfs depends on, in order; KEY is of all up to here, OWN of this
#                alone, FROM the line (from 0) to begin with where this is the first that has to run
#   stages       PATH HOW TAKES: every stage of the list; HOW earlier, tried, export or later; TAKES rename or copy
#   put          FROM TO: stages that are others than those in the image
#   start-line   what bash runs to build
set -u
# Megabytes that have to be free for what nobody needs to be removed beside the build.
little_room=2048
# shellcheck source=src/build/stage-loop/container/kept-layers.sh
source "${BASH_SOURCE[0]%/*}/kept-layers.sh"
__kept_workplace="$1"
first="$2"
target_node="$3"
target="$4"
record="${__kept_volume}/records/$5"
failed="${__kept_volume}/failed/$5"
read -r __kept_id < /proc/sys/kernel/random/uuid
read -r boot < /proc/sys/kernel/random/boot_id
__kept_number=0
__kept_lowers=
__kept_upper=
__kept_parent=
# Not empty where its layers have names of their own.
__kept_aside=

keys=() owns=() kinds=() paths=() froms=() names=()
while IFS=$'\t' read -r key own kind path from name; do
	keys+=("${key}") owns+=("${own}") kinds+=("${kind}") paths+=("${path}") froms+=("${from}") names+=("${name}")
done < "${__kept_try}/nodes"

# Stages that differ from those in the image.
put_stages() {
	local from to
	while IFS=$'\t' read -r from to; do
		if ! { rm -rf "${to}" && mkdir -p "${to%/*}" && mv -T "${from}" "${to}"; }; then
			give_up
		fi
	done < "${__kept_try}/put"
}

# Sets `room` to the megabytes that are free for the volume.
measure_room() {
	room="$(df --output=avail --block-size=M "${__kept_volume}")"
	room="${room//[!0-9]/}"
	room="${room:-0}"
}

# Tries that begin do so one after the other: what one decides to stand on must not be thrown away by the next. Sets `alone` where
# no other runs.
take_turn() {
	[ -d "${__kept_volume}/waste" ] || mkdir -p "${__kept_volume}"/{layers,tries,records,empty,waste} || give_up
	exec 6< "${__kept_volume}/records" 7< "${__kept_volume}/layers"
	flock -x 6
	alone=
	! flock -n -x 7 || alone=1
	flock -s 7
}

end_turn() {
	exec 6<&-
}

# Removes what no run needs any more, unless another one is under way, which may stand on it.
tidy() {
	local place key list
	local -a needless=() below=()
	local -A known=()
	exec 9< "${__kept_volume}"
	if flock -n -x 9; then
		for list in "${__kept_volume}"/records/* "${__kept_try}/nodes"; do
			[ -f "${list}" ] || continue
			while IFS=$'\t' read -r key _; do
				known["${key}"]=1
			done < "${list}"
		done
		# What a failed step left may stand on layers with names of their own.
		for list in "${__kept_volume}"/failed/*/lowers; do
			[ ! -f "${list}" ] || IFS=: read -ra below < "${list}"
			for key in "${below[@]}"; do
				known["${key%/fs}"]=1
			done
		done
		for place in "${__kept_volume}"/layers/*; do
			[ ! -e "${place}" ] || [ -n "${known[${place##*/}]:-}" ] || needless+=("${place}")
		done
		for place in "${__kept_volume}"/tries/*; do
			[ ! -e "${place}" ] || needless+=("${place}")
		done
		throw_away "${needless[@]}"
		waste=("${__kept_volume}"/waste/*)
		# Not beside the build, then; and what a failed step left may be just what fills the disk.
		if [ "${room}" -lt "${little_room}" ]; then
			[ ! -e "${failed}" ] || throw_away "${failed}"
			rm -rf "${__kept_volume}"/waste/*
			waste=()
		fi
	fi
	flock -s 9
}

throw_away() {
	local name
	[ $# -gt 0 ] || return 0
	read -r name < /proc/sys/kernel/random/uuid
	mkdir "${__kept_volume}/waste/${name}" && mv -t "${__kept_volume}/waste/${name}" "$@"
}

# On a full disk nothing is begun: an overlay that cannot be had for lack of room would pass for one that the engine cannot hold.
find_room() {
	mkdir -p "${__kept_volume}/tries/${__kept_id}" || give_up
	[ "${room}" -lt "${little_room}" ] || return 0
	head -c 1M /dev/zero > "${__kept_volume}/tries/${__kept_id}/room" || give_up
	rm "${__kept_volume}/tries/${__kept_id}/room"
}

# Nothing is run on half of what it needs.
give_up() {
	rm -rf "${__kept_volume}/tries/${__kept_id}"
	echo "${target} was not tried, because what it needs could not be written. What is kept of the stages stays as it was." >&2
	exit 1
}

# Sets `resume` to the first node that has to run, and takes the layers before it as the base.
find_base() {
	local index place from below lowers='' parent=''
	local -a lowers_before=('') parent_before=('') whole=(1)
	resume=0
	for ((index = 0; index < ${#keys[@]} && index < first; index++)); do
		whole[index + 1]=1
		if has_layer "${kinds[index]}"; then
			place="${__kept_volume}/layers/${keys[index]}"
			[ -d "${place}/fs" ] || break
			{ read -r below < "${place}/parent"; } 2> /dev/null || break
			[ "${below}" = "${parent}" ] || break
			survived "${place}" || break
			read -r parent < "${place}/id"
			lowers="${keys[index]}/fs${lowers:+:${lowers}}"
			[ ! -e "${place}/unfinished" ] || whole[index + 1]=''
		fi
		lowers_before[index + 1]="${lowers}" parent_before[index + 1]="${parent}"
		resume=$((index + 1))
	done
	while [ -z "${whole[resume]}" ]; do
		resume=$((resume - 1))
	done
	from="${froms[resume]:-${resume}}"
	if [ "${from}" -lt "${resume}" ]; then
		echo "${names[resume]} uses what ${names[from]} leaves in /tmp or /run, which lasts as long as one build only: begun with ${names[from]}."
		resume="${from}"
		while [ -z "${whole[resume]}" ]; do
			resume=$((resume - 1))
		done
	fi
	__kept_lowers="${lowers_before[resume]}" __kept_parent="${parent_before[resume]}"
}

has_layer() {
	[ "$1" = prerun ] || [ "$1" = sub-stage ]
}

# Layers are written without waiting for the disk: after a power cut those that had not been waited for may be damaged.
survived() {
	local since
	[ -e "$1/synced" ] || { read -r since < "$1/boot" && [ "${since}" = "${boot}" ]; }
}

# Says why earlier stages are built.
tell() {
	local own name index=0
	if [ ! -e "${record}" ]; then
		echo "Nothing is kept of the stages before ${target}: they are built first, and kept."
		return
	fi
	while IFS=$'\t' read -r _ own name; do
		if [ "${name}" != "${names[index]:-}" ] || [ "${own}" != "${owns[index]:-}" ]; then
			echo "Changed since the stages before ${target} were kept: ${names[index]:-${name}}. They are built again from ${names[resume]}."
			return
		fi
		index=$((index + 1))
		[ "${index}" -lt "${target_node}" ] || break
	done < "${record}"
	echo "What was kept of the stages before ${target} is not whole: they are built again from ${names[resume]}."
}

write_record() {
	local index
	for ((index = 0; index < ${#keys[@]}; index++)); do
		printf '%s\t%s\t%s\n' "${keys[index]}" "${owns[index]}" "${names[index]}" || give_up
	done > "${record}.new"
	mv -T "${record}.new" "${record}" || give_up
}

# What is done already is passed over; no image is made of any stage but the one that asks for it.
mark_stages() {
	local path how index
	local -a passed=() marks=()
	for ((index = 0; index < resume; index++)); do
		case "${kinds[index]}" in
			prerun) passed+=("${paths[index]}") ;;
			sub-stage) marks+=("${paths[index]}/SKIP") ;;
		esac
	done
	while IFS=$'\t' read -r path how _; do
		[ "${how}" = export ] || marks+=("${path}/SKIP_IMAGES")
		[ "${how}" != later ] || marks+=("${path}/SKIP")
	done < "${__kept_try}/stages"
	[ "${#passed[@]}" -eq 0 ] || chmod a-x "${passed[@]}" || give_up
	for path in "${marks[@]}"; do
		true >> "${path}" || give_up
	done
}

# Sets the options for the overlays to the best of what the kernel offers, or to none where renames would copy: then the
# file system of the volume cannot hold the attributes that an overlay needs.
find_options() {
	local probe="${__kept_volume}/tries/${__kept_id}/probe" since=''
	# Another kernel may have learned more, or less.
	[ ! -e "${__kept_volume}/options" ] || read -r since __kept_options < "${__kept_volume}/options"
	[ "${since}" != "${boot}" ] || return 0
	mkdir -p "${probe}"/{lower,upper,work,merged}
	for __kept_options in volatile,index=on index=on index=off; do
		__kept_options="redirect_dir=on,metacopy=off,${__kept_options}"
		mount -t overlay probe "${probe}/merged" 2>> "${__kept_try}/complaints" \
			-o "${__kept_options},lowerdir=${probe}/lower,upperdir=${probe}/upper,workdir=${probe}/work" || continue
		if ! grep ' - overlay probe ' /proc/self/mountinfo | grep -q 'redirect_dir=\(nofollow\|off\)'; then
			umount "${probe}/merged"
			echo "${boot} ${__kept_options}" > "${__kept_volume}/options.${__kept_id}"
			mv -T "${__kept_volume}/options.${__kept_id}" "${__kept_volume}/options"
			return
		fi
		umount "${probe}/merged"
	done
	__kept_options=
}

# As find_base, where no overlay can be had: the copy of the last stage that is as it was.
find_copy() {
	local index place
	resume=0 copy=
	for ((index = 1; index <= target_node && index <= first; index++)); do
		place="${__kept_volume}/layers/${keys[index - 1]}"
		[ "${kinds[index]}" = stage ] || continue
		[ -d "${place}/work" ] || continue
		survived "${place}" || continue
		resume="${index}" copy="${place}/work"
		read -r __kept_parent < "${place}/id"
	done
	echo "The volumes of this engine cannot hold an overlay: the stages before ${target} are copied for each try, which takes longer."
}

# At the end of which stages a copy is made, and its key: that of the last node of the stage.
hand_over_copies() {
	local index stage=''
	declare -gA __kept_copies=()
	[ -z "${__kept_options}" ] || return 0
	for ((index = resume; index < target_node; index++)); do
		[ "${kinds[index]}" != stage ] || stage="${paths[index]}"
		[ -z "${stage}" ] || __kept_copies["${stage}"]="${keys[index]}"
	done
}

# Sets __kept_final to the path of the last node that runs, where no image is exported of it.
find_final() {
	local index how
	__kept_final=
	while IFS=$'\t' read -r _ how _; do
		[ "${how}" != export ] || return 0
	done < "${__kept_try}/stages"
	true > "${__kept_try}/no-export" || give_up
	for ((index = target_node; index < ${#keys[@]}; index++)); do
		[ "${index}" -eq "${target_node}" ] || [ "${kinds[index]}" != stage ] || return 0
		! has_layer "${kinds[index]}" || __kept_final="${paths[index]}"
	done
}

# What build.sh's hooks need to know.
hand_over() {
	local index path takes place patches
	local -a needless=()
	__kept_paths=() __kept_keys=()
	declare -A __kept_takes=()
	for ((index = resume; index < ${#keys[@]}; index++)); do
		# A layer of another base, or of an earlier try. A try that runs may stand on it.
		place="${__kept_volume}/layers/${keys[index]}"
		[ -z "${alone}" ] || [ ! -e "${place}" ] || needless+=("${place}")
		if [ -n "${__kept_options}" ] && has_layer "${kinds[index]}"; then
			__kept_paths+=("${paths[index]}") __kept_keys+=("${keys[index]}")
		fi
	done
	[ ! -e "${failed}" ] || needless+=("${failed}")
	throw_away "${needless[@]}"
	while IFS=$'\t' read -r path _ takes; do
		[ "${takes}" != rename ] || __kept_takes["${path}"]=1
	done < "${__kept_try}/stages"
	hand_over_copies
	# run_sub_stage exports it, and leaves it at the last patches that it came to.
	for ((index = 0; index < resume; index++)); do
		[ "${kinds[index]}" = sub-stage ] || continue
		for patches in "${paths[index]}"/[0-9][0-9]-patches; do
			[ ! -d "${patches}" ] || QUILT_PATCHES="${patches}"
		done
	done
	find_final
	declare -p ${QUILT_PATCHES:+QUILT_PATCHES} __kept_workplace __kept_id __kept_number __kept_upper __kept_options __kept_lowers __kept_parent \
		__kept_aside __kept_final __kept_paths __kept_keys __kept_takes __kept_copies > "${__kept_try}/state" || give_up
}

# Beside the build, and in a mount namespace of its own: there the volume can be written to. It is to begin before the work
# folder is mounted, so as not to hold it, nor the layers below it.
remove_waste() {
	[ "${#waste[@]}" -gt 0 ] || return 0
	# shellcheck disable=SC2016
	exec 8< <(exec 6<&- 7<&- && unshare -m nice -n 19 bash -c 'mount -o remount,bind,rw "$0" || exit; echo begun; exec > /dev/null; rm -rf "$@"' "${__kept_volume}" "${waste[@]}")
	remover=$!
}

await_remover() {
	[ -n "${remover}" ] || return 0
	read -r _ <&8
	exec 8<&-
}

# Earlier stages took long: they shall outlive a power cut.
save() {
	local index place new=
	for ((index = resume; index < target_node; index++)); do
		place="${__kept_volume}/layers/${keys[index]}"
		if [ -e "${place}/id" ]; then
			[ -n "${new}" ] || sync -f "${__kept_volume}"
			new=1
			touch "${place}/synced"
		fi
	done
}

# What a failed step left is kept until the next try: somebody may want to look into it. Not that of a try that was stopped, which
# is ended by a signal.
keep_failed() {
	local -a open=()
	[ -n "${__kept_options}" ] && [ "${code}" -ne 0 ] && [ "${code}" -ne 143 ] || return 0
	# Those before it are layers by now.
	for __kept_upper in "${__kept_volume}/tries/${__kept_id}"/[0-9]*; do :; done
	mapfile -t open < <(__open_steps "${__kept_workplace}"/build.log "${__kept_workplace}"/*/build.log)
	[ "${#open[@]}" -gt 1 ] && [ -e "${__kept_upper}/lowers" ] || return 0
	__kept_complete_links
	umount -R -l "${__kept_workplace}" 2> /dev/null
	rm -rf "${__kept_upper}/work"
	if ! sign_failed 2> /dev/null; then
		echo "What the failed step left could not be kept: the disk of the engine is full."
	fi
}

# A file that a full disk leaves empty says nothing: the folder takes its place when all is written.
sign_failed() {
	echo "${open[1]##*/}" > "${__kept_upper}/stage" || return 1
	echo "${open[-1]}" > "${__kept_upper}/step" || return 1
	echo "${boot}" > "${__kept_upper}/boot" || return 1
	# Another try of the same config may have failed since this one began.
	[ ! -e "${failed}" ] || throw_away "${failed}"
	mkdir -p "${failed%/*}" && mv -T "${__kept_upper}" "${failed}"
}

# What the layers of the stage hold, without what they hide of the stages before. The timeline takes it from the log
# (src/build/timeline/measure-stages.ts).
measure() {
	local index bytes place
	local -a layers=()
	for ((index = target_node; index < ${#keys[@]}; index++)); do
		[ "${index}" -eq "${target_node}" ] || [ "${kinds[index]}" != stage ] || break
		place="${__kept_volume}/layers/${keys[index]}"
		[ ! -d "${place}.${__kept_id%%-*}/fs" ] || place="${place}.${__kept_id%%-*}"
		[ ! -d "${place}/fs" ] || layers+=("${place}/fs")
	done
	[ "${#layers[@]}" -gt 0 ] || return 0
	bytes="$(du -sxc --apparent-size --block-size=1 "${layers[@]}" | tail -n 1)"
	echo "${target} adds ${bytes%%[!0-9]*} bytes to the stages before it."
}

# Makes the last layer, as __kept_commit (kept-layers.sh) makes those before it.
commit_final() {
	[ "${code}" -eq 0 ] && [ -e "${__kept_try}/final" ] || return 0
	# shellcheck source=/dev/null
	source "${__kept_try}/final"
	local layer
	if truncate -s "${__kept_log_size}" "${__kept_log}" && __kept_complete_links && umount -R "${__kept_workplace}" 2> /dev/null; then
		rm -rf "${__kept_upper}/work" "${__kept_upper}/lowers"
		__kept_sign "${__kept_upper}" "${__kept_key}" && __kept_store "${__kept_upper}" "${__kept_key}"
	else
		__kept_store_unfinished "${__kept_key}"
	fi || echo "What ${target} left could not be kept: the disk of the engine is full."
}

leave() {
	__kept_writable
	keep_failed
	commit_final
	[ "${code}" -ne 0 ] || measure
	[ -z "${__kept_options}" ] || umount -R -l "${__kept_workplace}" 2> /dev/null
	save
	rm -rf "${__kept_volume}/tries/${__kept_id}"
	[ -z "${remover}" ] || wait "${remover}"
}

put_stages
measure_room
waste=() remover=
take_turn
tidy
remove_waste
find_room
find_options
if [ -n "${__kept_options}" ]; then
	find_base
else
	find_copy
fi
[ "${resume}" -ge "${target_node}" ] || tell
write_record
mark_stages
await_remover
if [ -n "${__kept_options}" ]; then
	__kept_mount || give_up
elif [ -n "${copy}" ]; then
	mkdir -p "${__kept_workplace}" || give_up
	cp -a --reflink=auto "${copy}/." "${__kept_workplace}/" || give_up
fi
# For whoever looks into a try that runs (kept-view.sh).
[ -z "${__kept_options}" ] || echo "$5 ${boot}" > "${__kept_volume}/tries/${__kept_id}/record"
hand_over
end_turn
__kept_read_only
# As if there were no shell around it.
(
	unset SHLVL
	BASH_ENV="${__kept_try}/kept-layers.sh" exec bash -e -o pipefail -c "$(< "${__kept_try}/start-line")"
)
code=$?
leave
exit "${code}"
