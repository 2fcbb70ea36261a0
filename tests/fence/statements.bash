# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The statements of lib/sql in psql, as the role cloacina_compiler.

uuid() {
	cat /proc/sys/kernel/random/uuid
}

# prepared NAME [SCHEMA]: the text that prepares a statement.
prepared() {
	echo "\\set schema ${2:-public}"
	echo "PREPARE $1 AS"
	"$sql_dir/flat" "$sql_dir/$1.sql"
}

as_compiler() {
	psql -qXAt -v ON_ERROR_STOP=1 -d "$DATABASE_URL"
}

# execute NAME PARAMETERS [SCHEMA]: runs it once, in its own connection.
execute() {
	{ prepared "$1" "${3:-}" && echo "EXECUTE $1($2);"; } | as_compiler
}

# plan NAME PARAMETERS: how it would be run.
plan() {
	{ prepared "$1" && echo "EXPLAIN EXECUTE $1($2);"; } | as_compiler
}
