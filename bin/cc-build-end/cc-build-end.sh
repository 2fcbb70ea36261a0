#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The end of a claim: the row first, then the audit event, so that a write
# that was refused is not logged as a success. Both may run again.
set -u
case ${1:-} in
--help) echo 'usage: cc-build-end dir' || exit 111; exit ;;
--version) echo 'cc-build-end @VERSION@' || exit 111; exit ;;
'' | -*) echo 'usage: cc-build-end dir' >&2; exit 100 ;;
esac
cc-complete "$1"
written=$?
# Killed, it may have written the row without having noted that.
[ "$written" -le 128 ] || { cc-complete "$1"; written=$?; }
cc-audit finished "$1" && exit "$written"
