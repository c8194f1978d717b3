# shellcheck shell=bash
# Variables come from build.sh (SC2154), and commands are compared as it writes them (SC2016).
# shellcheck disable=SC2154,SC2016
#
# Opens a shell where pi-gen stopped. bash reads this file through BASH_ENV when pi-gen's start line and build.sh begin:
# build.sh runs as ever, with config and variables, but passes over every stage up to the one that failed; there, in the
# place of its steps, it becomes the shell. So that has the environment of a step, whatever this version of pi-gen sets.
# PI_GEN_SHELL_STAGE: path of the stage to stand in, where none failed.

# The step in which the log ends, and the stage that holds it.
__shell_find() {
	local -a open=()
	mapfile -t open < <(__open_steps "${LOG_FILE}")
	[ "${#open[@]}" -eq 0 ] || __shell_step="${open[-1]}"
	# The tree itself comes first.
	__shell_stage="${open[1]:-none}"
}

__shell_open() {
	trap - DEBUG EXIT INT TERM
	eval "${__shell_log}"
	set +o functrace
	set +e
	if [ -n "${__shell_step}" ]; then
		echo "pi-gen stopped in ${__shell_step}"
	fi
	if [ -d "${__shell_step%/*}" ]; then
		cd "${__shell_step%/*}" || true
	elif [ -n "${__shell_wanted}" ]; then
		cd "${__shell_wanted}" || true
	fi
	if [ -d "${ROOTFS_DIR}/bin" ]; then
		echo "This shell is inside the chroot of ${STAGE}, with the environment of a step. Leave it with exit."
		on_chroot +e -i
	else
		echo "${STAGE} has no root file system yet: this shell is outside of the chroot, in the build container."
		bash -i
	fi
	unmount "${STAGE_WORK_DIR}" 2> /dev/null
	# Not 0: the start line has something to do after a build that passed.
	exit 130
}

# Before each command of build.sh.
__shell_before() {
	case "$1" in
		'log '*)
			# The kept log stays as it is.
			[ -n "${__shell_log}" ] || __shell_log="$(declare -f log)"
			# shellcheck disable=SC2317
			log() { :; }
			;;
		# What comes after the stages: the image. Its file system was mounted only while the build ran.
		'CLEAN=1' | 'source "${EXPORT_DIR}/EXPORT_IMAGE"' | './postrun.sh')
			if [ -n "${STAGE}" ]; then
				echo "What failed comes after the stages: this is the last of them."
				__shell_open
			fi
			;;
	esac
	[ -n "${STAGE_DIR}" ] || return 0
	if [ -n "${__shell_wanted}" ]; then
		__shell_stage="${__shell_wanted}"
	elif [ -z "${__shell_stage}" ]; then
		__shell_find
	fi
	if [ "$(realpath -- "${STAGE_DIR}")" != "${__shell_stage}" ]; then
		touch "${STAGE_DIR}/SKIP"
	elif [ "${STAGE}" = "${__shell_stage##*/}" ] && [ "${ROOTFS_DIR}" = "${WORK_DIR}/${STAGE}/rootfs" ]; then
		__shell_open
	fi
	return 0
}

if [ "${0##*/}" = build.sh ]; then
	unset BASH_ENV
	__shell_stage='' __shell_step='' __shell_log='' __shell_wanted="${PI_GEN_SHELL_STAGE:-}"
	unset PI_GEN_SHELL_STAGE
	set -o functrace
	trap '__shell_before "${BASH_COMMAND}"' DEBUG
else
	dpkg-reconfigure() {
		command dpkg-reconfigure "$@" > /dev/null 2>&1
	}
	mount() {
		command mount "$@" 2> /dev/null
	}
fi
