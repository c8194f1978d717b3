# shellcheck shell=bash
# Part of try-stage.sh and of failing-shell.sh (src/build/afterwards/container/): who uploads one of them puts this before it.

# Prints what build.sh's logs $@ began without an end, one a line, the outermost first: the tree, a stage, a sub-stage, a step.
__open_steps() {
	local line
	local -a open=()
	while IFS= read -r line; do
		case "${line}" in
			*'] End '*) [ "${#open[@]}" -eq 0 ] || unset 'open[-1]' ;;
			# The log of a try goes on where the layers below end: in the middle of an earlier run.
			*"] Begin ${open[0]:-}") open=("${line#*] Begin }") ;;
			*) open+=("${line#*] Begin }") ;;
		esac
	done < <(grep -ahE '^\[[0-9:]{8}\] (Begin|End) ' "$@" 2> /dev/null)
	[ "${#open[@]}" -eq 0 ] || printf '%s\n' "${open[@]}"
}
