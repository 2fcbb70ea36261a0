#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The chain of one claim. It only skips what cannot follow; the outcome is
# judged from what the programs wrote in dir, never from an exit status, which
# hostile code may pick. Without an audit trail nothing is compiled.
set -u
case ${1:-} in
--help) echo 'usage: cc-build dir' || exit 111; exit ;;
--version) echo 'cc-build @VERSION@' || exit 111; exit ;;
'' | -*) echo 'usage: cc-build dir' >&2; exit 100 ;;
esac
dir=$1

cc-fetch "$dir" && cc-unpack "$dir"
if cc-audit started "$dir" && [ -e "$dir/language" ]; then
	[ "$(cat "$dir/language")" != rust ] || cc-compile "$dir"
fi
exec cc-build-end "$dir"
