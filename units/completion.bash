# SPDX-License-Identifier: Apache-2.0
# bash completion: the options are those that the program's --help names.
_cloacina_compiler() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
	local wanted help

	help=$("$1" --help 2>/dev/null) || return
	# --option=value comes as three words.
	[[ $word != = ]] || word=
	[[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD-2]}
	wanted=$(awk -v option="$before" '{ for (i = 1; i < NF; i++)
	    if ($i == option && $(i + 1) ~ /^([A-Z=]+|yes[|]no)$/) print $(i + 1) }' \
	    <<<"$help")
	COMPREPLY=()
	case $wanted in
	'yes|no') mapfile -t COMPREPLY < <(compgen -W 'yes no' -- "$word") ;;
	DIR) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	*FILE | *PATH*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	'') case $word in
		-*) mapfile -t COMPREPLY < <(compgen -W "$(grep -oE \
		    '^ +(-., )?--[a-z][a-z-]*' <<<"$help" |
		    grep -oE -e '--.*')" -- "$word") ;;
		*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
		esac ;;
	esac
}
complete -o filenames -F _cloacina_compiler @PROGRAMS@
