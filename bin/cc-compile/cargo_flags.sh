# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# The list of cargo's flags: what this program has to know of them.

usual_flags='build
--release
--lib
--frozen
--offline'

# split WORD...: the first word, $subcommand, and the $rest, of which cargo
# reads what is before --.
split() {
	case ${1:-} in
	'' | [-+]* | *' '*) wrong "cc-compile: cannot use the cargo flags: they" \
	    "begin with '${1:-}' and not with cargo's subcommand, as build;" \
	    "one a line; --cargo-extra-flag adds to the usual list" ;;
	esac
	subcommand=$1
	shift
	rest=$*
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		--manifest-path | --manifest-path=* | --target-dir | --target-dir=*)
			wrong "cc-compile: bad cargo flag '$1': every build" \
			    "has its own; --cargo-target-dir keeps them" ;;
		esac
		shift
	done
}

# find_place WORD...: $place, the directory below target/ that cargo makes.
find_place() {
	profile=debug triple=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		--release | -r) profile=release ;;
		--profile=*) profile=${1#*=} ;;
		--profile) profile=${2:-} ;;
		--target=*) triple=${1#*=} ;;
		--target) triple=${2:-} ;;
		esac
		shift
	done
	case $profile in
	dev | test) profile=debug ;;
	bench) profile=release ;;
	esac
	# A description of one's own is a file; cargo drops its end.
	triple=${triple##*/}
	place=${triple:+${triple%.json}/}$profile
}

# keep_general WORD...: the $rest without what names parts of a package.
keep_general() {
	rest=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		-F | --features | -p | --package | --exclude)
			[ $# -eq 1 ] || shift ;;
		-F* | --features=* | -p* | --package=* | --exclude=*) ;;
		*) rest=$rest$1$IFS ;;
		esac
		shift
	done
	rest=$rest$*
}
