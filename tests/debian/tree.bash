# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Trees of Debian, made by mmdebstrap from where this host gets its packages.

# The host's own sources as those of another release; none when it is not a
# Debian: then mmdebstrap takes its own.
tree_sources() {
	local suite=$1 own
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' \
	    'Created-By: Packages' | sort -u |
	    sed -n "s/^Debian \([^ ]*\) $own/deb \1 $suite/p" |
	    sed 's/$/ main/'
}

# How apt gets there: proxies, and what else the host has decided.
tree_transport() {
	apt-config dump |
	    sed -nE '/^Acquire::(https?::|Check-|Retries)/s/^/--aptopt=/p'
}

tree_as_it_is() {
	:
}

# tree_make SUITE TREE PACKAGES [FINISH]: a minimal Debian with these packages
# in the directory TREE, made once for one list and one text of the function
# FINISH, which gets the tree. Only root can.
tree_make() {
	local suite=$1 tree=$2 packages=$3 finish=${4:-tree_as_it_is} want
	local sources transport
	want="$suite $packages $(declare -f "$finish" | cksum)"
	[ "$(cat "$tree.made" 2>/dev/null)" != "$want" ] || return 0
	rm -rf --one-file-system "$tree.made" "$tree"
	mkdir -p "${tree%/*}" || return
	echo "making a tree of Debian $suite" >&2
	mapfile -t sources < <(tree_sources "$suite")
	mapfile -t transport < <(tree_transport)
	mmdebstrap --quiet --variant=minbase --include="$packages" \
	    --aptopt='APT::Install-Recommends "false"' "${transport[@]}" \
	    --dpkgopt=force-unsafe-io \
	    --dpkgopt='path-exclude=/usr/share/locale/*' \
	    "$suite" "$tree" "${sources[@]}" >"$tree.log" 2>&1 || {
		tail -n 20 "$tree.log" >&2
		return 1
	}
	"$finish" "$tree" || return
	echo "$want" >"$tree.made"
}
