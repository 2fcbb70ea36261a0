# SPDX-License-Identifier: Apache-2.0
# The fence around a claim: whatever happens in between, in whatever order, a
# worker that lost its build changes nothing, and one that holds it is never
# refused.

load helper
load fence/statements
load fence/sessions

with_database

setup() {
	cd "$BATS_TEST_TMPDIR"
	new_queue
	instance=$(uuid)
}

# new_package [SCHEMA]: a pending package; $id names it. $mine and $other are
# two new tokens.
new_package() {
	id=$(sql "INSERT INTO ${1:-public}.workflow_packages
	    (registry_id, package_name, version)
	    VALUES (gen_random_uuid(), gen_random_uuid(), '1') RETURNING id")
	mine=$(uuid) other=$(uuid)
}

# take TOKEN [SCHEMA]: claims the oldest package; its name first.
take() {
	execute claim "'$1', '$instance', '-infinity'" "${2:-}"
}

# Two minutes go by without a heartbeat.
age() {
	sql "UPDATE workflow_packages
	    SET build_claimed_at = build_claimed_at - interval '2 minutes'
	    WHERE id = '$id' AND build_claimed_at IS NOT NULL;
	UPDATE build_claims SET claimed_at = claimed_at - interval '2 minutes'
	    WHERE package_id = '$id'"
}

heartbeat() {
	execute heartbeat "'$id', '$1'"
}

finish() {
	execute finish "'$id', '$1', 'success', '$2', NULL"
}

# give_back TOKEN HOW DELAY ATTEMPTS [GIVE-BACKS]
give_back() {
	execute release "'$id', '$1', 'was $2', $3, $4, ${5:-20}, NULL"
}

sweep() {
	execute sweep "60, 100, ${1:-3}, ${2:-0}, ${3:-20}" | cut -d '|' -f 4,5
}

package() {
	sql "SELECT $1 FROM workflow_packages WHERE id = '$id'"
}

claim() {
	sql "SELECT $1 FROM build_claims WHERE package_id = '$id'"
}

# What each side may do, by name. "their_" is the service that knows no tokens
# and decides by the status alone.
action() {
	case $1 in
	heartbeat) echo "EXECUTE heartbeat('$id', '$mine')" ;;
	success) echo "EXECUTE finish('$id', '$mine', 'success', 'mine', NULL)" ;;
	failed) echo "EXECUTE finish('$id', '$mine', 'failed', NULL, 'why')" ;;
	leave) echo "EXECUTE leave('$id', '$mine')" ;;
	release) echo "EXECUTE release('$id', '$mine', 'was killed', 0, 3, 20, NULL)" ;;
	sweep) echo 'EXECUTE sweep(60, 10, 3, 0, 20)' ;;
	claim) echo "EXECUTE claim('$other', '$instance', '-infinity')" ;;
	claim_too) echo "EXECUTE claim('$third', '$instance', '-infinity')" ;;
	their_claim)
		echo "UPDATE workflow_packages SET build_status = 'building',
		    build_error = NULL, build_claimed_at = now()
		    WHERE id = (SELECT id FROM workflow_packages
		        WHERE build_status = 'pending' AND NOT superseded
		        ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
		    RETURNING 'taken'" ;;
	their_sweep)
		echo "UPDATE workflow_packages SET build_status = 'pending',
		    build_claimed_at = NULL,
		    build_error = '(reset after stale heartbeat)'
		    WHERE build_status = 'building' AND build_claimed_at
		        < now() AT TIME ZONE 'UTC' - interval '60 seconds'
		    RETURNING 'taken'" ;;
	their_success)
		echo "UPDATE workflow_packages SET build_status = 'success',
		    compiled_data = 'theirs', compiled_at = now()
		    WHERE id = '$id' AND build_status = 'building'
		    RETURNING 'taken'" ;;
	supersede)
		echo "RESET ROLE; UPDATE workflow_packages
		    SET superseded = true WHERE id = '$id'
		    RETURNING 'taken'" ;;
	esac
}

# The one word of an answer.
word() {
	case $1 in
	sweep) cut -d '|' -f 4 ;;
	claim | claim_too) sed 's/.*|.*/claimed/' ;;
	*) cat ;;
	esac
}

# Makes a package that $mine holds without a sign of life for two minutes,
# or, with pending_at_first=yes, one that was swept from it.
new_race() {
	local status=building ended=NULL
	mine=$(uuid) other=$(uuid) third=$(uuid)
	[ "$pending_at_first" = no ] || status=pending ended="'swept'"
	id=$(sql "UPDATE workflow_packages SET build_status = 'failed';
	WITH p AS (
		INSERT INTO workflow_packages (registry_id, package_name,
		    version, build_status, build_claimed_at)
		VALUES (gen_random_uuid(), gen_random_uuid(), '1', '$status',
		    now() AT TIME ZONE 'UTC' - interval '2 minutes')
		RETURNING *
	)
	INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at,
	    ended_as)
	SELECT id, '$mine', '$instance', 1, build_claimed_at,
	    build_claimed_at, $ended FROM p RETURNING package_id")
}

# Whether the second action has to wait for the first one: what skips locked
# rows does not, nor what sees nothing in its snapshot to wait for.
expected_wait() {
	case $1 in
	sweep | claim | claim_too | their_claim) echo passes ;;
	their_*) [ "$pending_at_first" = no ] && echo waits || echo passes ;;
	*) echo waits ;;
	esac
}

# race FIRST END SECOND: the second action is sent while the first one's
# transaction is open, which then ENDs (COMMIT or ROLLBACK). $got is what the
# second answered (or -), and what package and claim say then.
race() {
	local first=$1 end=$2 second=$3
	new_race
	send one "SET ROLE cloacina_compiler; BEGIN; $(action "$first")"
	answer one >/dev/null
	send two "SET ROLE cloacina_compiler; $(action "$second")"
	if [ "$(expected_wait "$second")" = waits ]; then
		until_true 20 is_blocked two
	else
		answer two >/dev/null
	fi
	send one "$end"
	answer one >/dev/null
	got=$(answer two | word "$second")
	got="$second ${got:--} $(sql "SELECT p.build_status || ' ' ||
	    coalesce(c.ended_as, 'held') FROM workflow_packages p
	    JOIN build_claims c ON c.package_id = p.id WHERE p.id = '$id'")"
}

# races FIRST [END]: reads "SECOND ANSWER STATUS ENDED" lines.
races() {
	local first=$1 end=${2:-COMMIT} expected got
	open_session one
	open_session two
	while read -r expected; do
		race "$first" "$end" "${expected%% *}"
		assert_equal "$first, then $got" "$first, then $expected"
	done
	close_session one
	close_session two
}

pending_at_first=no

@test "while a heartbeat is written" {
	races heartbeat <<-'EOF'
	heartbeat held building held
	success success success success
	failed failed failed failed
	leave timeout_killed building timeout_killed
	release released pending released
	sweep - building held
	claim - building held
	their_claim - building held
	their_sweep - building held
	their_success taken success held
	supersede taken building held
	EOF
}

@test "while a success is written" {
	races success <<-'EOF'
	heartbeat success success success
	success success success success
	failed success success success
	leave success success success
	release success success success
	sweep - success success
	claim - success success
	their_claim - success success
	their_sweep - success success
	their_success - success success
	supersede taken success success
	EOF
}

@test "while a failure is written" {
	races failed <<-'EOF'
	heartbeat failed failed failed
	success failed failed failed
	failed failed failed failed
	leave failed failed failed
	release failed failed failed
	sweep - failed failed
	claim - failed failed
	their_claim - failed failed
	their_sweep - failed failed
	their_success - failed failed
	supersede taken failed failed
	EOF
}

@test "while a timed-out build is left" {
	races leave <<-'EOF'
	heartbeat timeout_killed building timeout_killed
	success timeout_killed building timeout_killed
	failed timeout_killed building timeout_killed
	leave timeout_killed building timeout_killed
	release timeout_killed building timeout_killed
	sweep - building timeout_killed
	claim - building timeout_killed
	their_claim - building timeout_killed
	their_sweep taken pending timeout_killed
	their_success taken success timeout_killed
	supersede taken building timeout_killed
	EOF
}

@test "while a build is given back" {
	races release <<-'EOF'
	heartbeat released pending released
	success released pending released
	failed released pending released
	leave released pending released
	release released pending released
	sweep - pending released
	claim - pending released
	their_claim - pending released
	their_sweep - pending released
	their_success - pending released
	supersede taken pending released
	EOF
}

@test "while a build is swept" {
	races sweep <<-'EOF'
	heartbeat swept pending swept
	success swept pending swept
	failed swept pending swept
	leave swept pending swept
	release swept pending swept
	sweep - pending swept
	claim - pending swept
	their_claim - pending swept
	their_sweep - pending swept
	their_success - pending swept
	supersede taken pending swept
	EOF
}

@test "while the other service sweeps" {
	races their_sweep <<-'EOF'
	heartbeat lost pending held
	success lost pending held
	failed lost pending held
	leave lost pending held
	release lost pending held
	sweep - pending held
	claim - pending held
	their_claim - pending held
	their_sweep - pending held
	their_success - pending held
	supersede taken pending held
	EOF
}

@test "while the other service writes a success" {
	races their_success <<-'EOF'
	heartbeat lost success held
	success lost success held
	failed lost success held
	leave lost success held
	release lost success held
	sweep - success held
	claim - success held
	their_claim - success held
	their_sweep - success held
	their_success - success held
	supersede taken success held
	EOF
}

@test "while a package is superseded" {
	races supersede <<-'EOF'
	heartbeat superseded building held
	success success success success
	failed failed failed failed
	leave timeout_killed building timeout_killed
	release released pending released
	sweep - building held
	claim - building held
	their_claim - building held
	their_sweep taken pending held
	their_success taken success held
	EOF
}

@test "while another worker claims what was swept" {
	pending_at_first=yes
	races claim <<-'EOF'
	heartbeat lost building held
	success lost building held
	failed lost building held
	leave lost building held
	release lost building held
	sweep - building held
	claim_too - building held
	their_claim - building held
	their_sweep - building held
	their_success - building held
	supersede taken building held
	EOF
}

@test "while the other service claims what was swept" {
	pending_at_first=yes
	races their_claim <<-'EOF'
	heartbeat swept building swept
	success swept building swept
	failed swept building swept
	leave swept building swept
	release swept building swept
	sweep - building swept
	claim - building swept
	their_claim - building swept
	their_sweep - building swept
	their_success - building swept
	supersede taken building swept
	EOF
}

@test "what is rolled back has refused nobody" {
	for first in heartbeat failed leave release sweep their_sweep \
	    their_success; do
		races "$first" ROLLBACK <<-'EOF'
		success success success success
		heartbeat held building held
		EOF
		rm one.in two.in
	done
}

@test "a worker that was swept cannot write over our next one" {
	new_package
	take "$mine"
	age
	assert_equal "$(sweep)" 'pending|1'
	take "$other"
	assert_equal "$(heartbeat "$mine")" lost
	assert_equal "$(finish "$other" theirs)" success
	assert_equal "$(heartbeat "$mine")" lost
	assert_equal "$(finish "$mine" stale)" lost
	assert_equal "$(package 'build_status, compiled_data')" \
	    'success|\x746865697273'
}

@test "a worker that was swept cannot write over the other service" {
	new_package
	take "$mine"
	age
	sql "$(action their_sweep)"
	sql "$(action their_claim)"
	assert_equal "$(heartbeat "$mine")" lost
	assert_equal "$(finish "$mine" stale)" lost
	assert_equal "$(execute leave "'$id', '$mine'")" lost
	assert_equal "$(give_back "$mine" 'killed' 0 3)" lost
	assert_equal "$(package build_status)" building
	sql "$(action their_success)"
	assert_equal "$(heartbeat "$mine")" lost
	assert_equal "$(finish "$mine" stale)" lost
	assert_equal "$(package 'build_status, compiled_data')" \
	    'success|\x746865697273'
}

@test "the holder's own verdict is written, whole" {
	new_package
	take "$mine"
	run finish "$mine" '\x00ff5c'
	assert_output success
	run package 'build_status, compiled_data, build_error,
	    abs(extract(epoch FROM compiled_at - now() AT TIME ZONE $$UTC$$)) < 60'
	assert_output 'success|\x00ff5c||t'
}

@test "a failure keeps the artifact of an earlier success" {
	new_package
	take "$mine"
	finish "$mine" earlier
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$other"
	run execute finish "'$id', '$other', 'failed', 'new', 'the reason'"
	assert_output failed
	run package 'build_status, compiled_data, build_error'
	assert_output 'failed|\x6561726c696572|the reason'
}

@test "a claim whose reply was lost is found again" {
	new_package
	token=$mine
	first=$(take "$token")
	run execute reclaim "'$token'"
	assert_output "$first"
	# And with this token nothing else is taken.
	new_package
	run take "$token"
	assert_failure
	assert_output --partial 'build_claims_claim_token_key'
	assert_equal "$(package build_status)" pending
}

@test "a claim that is over is not found again" {
	new_package
	run execute reclaim "'$mine'"
	refute_output
	take "$mine"
	age
	sweep
	run execute reclaim "'$mine'"
	refute_output
	take "$other"
	run execute reclaim "'$mine'"
	refute_output
	execute leave "'$id', '$other'"
	run execute reclaim "'$other'"
	refute_output
}

@test "a claim that another service took away is not found again" {
	new_package
	take "$mine"
	age
	sql "$(action their_sweep)"
	run execute reclaim "'$mine'"
	refute_output
	sql "$(action their_claim)"
	run execute reclaim "'$mine'"
	refute_output
	new_package
	take "$mine"
	sql "$(action their_success)"
	run execute reclaim "'$mine'"
	refute_output
}

@test "a repeated heartbeat, verdict or release answers as the first one" {
	new_package
	take "$mine"
	assert_equal "$(heartbeat "$mine")" held
	assert_equal "$(heartbeat "$mine")" held
	assert_equal "$(finish "$mine" a)" success
	assert_equal "$(finish "$mine" b)" success
	assert_equal "$(package compiled_data)" '\x61'
	new_package
	take "$mine"
	assert_equal "$(give_back "$mine" 'killed' 0 3)" released
	assert_equal "$(give_back "$mine" 'killed' 0 3)" released
	assert_equal "$(claim attempts)" 1
	take "$mine"
	assert_equal "$(execute leave "'$id', '$mine'")" timeout_killed
	assert_equal "$(execute leave "'$id', '$mine'")" timeout_killed
}

@test "a token that never held anything is lost" {
	new_package
	assert_equal "$(heartbeat "$mine")" lost
	assert_equal "$(finish "$mine" x)" lost
	id=$(uuid)
	assert_equal "$(heartbeat "$mine")" lost
	assert_equal "$(finish "$mine" x)" lost
}

@test "attempts are counted until a verdict" {
	new_package
	take "$mine"
	assert_equal "$(claim attempts)" 1
	age
	sweep
	take "$other"
	assert_equal "$(claim attempts)" 2
	give_back "$other" 'given back' 0 3
	assert_equal "$(claim attempts)" 1
	take "$mine"
	assert_equal "$(claim attempts)" 2
	give_back "$mine" 'killed' 0 3
	take "$other"
	assert_equal "$(claim attempts)" 3
	execute finish "'$id', '$other', 'failed', NULL, 'why'"
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$mine"
	run claim "attempts, first_claimed_at = claimed_at, claim_token = '$mine'"
	assert_output '1|t|t'
}

@test "a build without a sign of life is given up after its attempts" {
	new_package
	for attempt in 1 2; do
		take "$(uuid)"
		age
		assert_equal "$(sweep)" "pending|$attempt"
		assert_equal "$(package build_error)" \
		    '(reset after stale heartbeat)'
	done
	take "$mine"
	age
	assert_equal "$(sweep)" 'failed|3'
	run package 'build_status, build_claimed_at, build_error'
	assert_output 'failed||given up after 3 attempts: lost its worker, lost its worker, lost its worker'
	assert_equal "$(claim ended_as)" given_up
	assert_equal "$(heartbeat "$mine")" given_up
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$mine"
	assert_equal "$(claim attempts)" 1
}

@test "a build that times out each time is given up" {
	new_package
	take "$mine"
	execute leave "'$id', '$mine'"
	age
	assert_equal "$(sweep 1)" 'failed|1'
	run package build_error
	assert_output 'given up after 1 attempt: timed out'
}

@test "who was given up is told how each attempt ended" {
	new_package
	take "$mine"
	give_back "$mine" 'killed' 0.001 4
	sleep 0.01
	take "$other"
	give_back "$other" 'given back' 0.001 4
	sleep 0.01
	take "$mine"
	execute leave "'$id', '$mine'"
	age
	assert_equal "$(sweep 4)" 'pending|2'
	take "$mine"
	age
	assert_equal "$(sweep 3)" 'failed|3'
	assert_equal "$(package build_error)" "given up after 3 attempts: \
was killed, was given back, timed out, lost its worker"
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$mine"
	assert_equal "$(claim history)" '{}'
}

@test "a build whose last attempt is killed is given up, not given back" {
	new_package
	take "$mine"
	assert_equal "$(give_back "$mine" 'killed' 0 2)" released
	take "$other"
	assert_equal "$(give_back "$other" 'given back' 9 1)" released
	sql "UPDATE build_claims SET not_before = '-infinity'"
	take "$mine"
	assert_equal "$(give_back "$mine" 'killed' 9 2)" given_up
	assert_equal "$(give_back "$mine" 'killed' 9 2)" given_up
	run package 'build_status, build_claimed_at, build_error'
	assert_output \
	    'failed||given up after 2 attempts: was killed, was given back, was killed'
	assert_equal "$(claim attempts)" 2
}

@test "only what is stale is swept, the oldest first, a batch at a time" {
	new_package
	take "$mine"
	assert_equal "$(sweep)" ''
	age
	age
	old=$id
	new_package
	take "$mine"
	age
	run execute sweep '60, 1, 3, 0, 20'
	assert_output --partial "$old|"
	run execute sweep '60, 1, 3, 0, 20'
	assert_output --partial "$id|"
	run execute sweep '60, 1, 3, 0, 20'
	refute_output
}

@test "what the other service claimed is swept, and costs no attempt" {
	new_package
	sql "$(action their_claim)"
	age
	assert_equal "$(sweep 1)" 'pending|'
	# Also where a claim of ours came before.
	take "$mine"
	age
	sql "$(action their_sweep)"
	sql "$(action their_claim)"
	age
	assert_equal "$(sweep 1)" 'pending|'
	assert_equal "$(claim 'ended_as, attempts, give_backs')" 'swept|1|2'
	take "$other"
	assert_equal "$(claim attempts)" 2
}

@test "a swept build waits longer after each attempt" {
	new_package
	take "$mine"
	age
	sweep 3 1000
	run take "$other"
	refute_output
	run claim "extract(epoch FROM not_before - now() AT TIME ZONE 'UTC')
	    BETWEEN 900 AND 1000"
	assert_output t
	sql "UPDATE build_claims SET not_before = now() AT TIME ZONE 'UTC'"
	take "$other"
	age
	sweep 3 1000
	run claim "extract(epoch FROM not_before - now() AT TIME ZONE 'UTC')
	    BETWEEN 1900 AND 2000"
	assert_output t
}

@test "a released build waits as it was told" {
	new_package
	take "$mine"
	give_back "$mine" 'killed' 1000 3
	assert_equal "$(package 'build_status, build_claimed_at')" 'pending|'
	run take "$other"
	refute_output
	new_package
	run take "$other"
	assert_output --partial "$id|"
}

@test "a build that comes back again and again waits longer each time" {
	local n
	new_package
	for n in 1 2 4; do
		sql "UPDATE build_claims SET not_before = '-infinity'"
		take "$mine"
		give_back "$mine" 'given back' 1000 3
		run claim "attempts, extract(epoch FROM not_before
		    - now() AT TIME ZONE 'UTC') BETWEEN $n * 1000 - 100 AND $n * 1000"
		assert_output '0|t'
	done
	sql "UPDATE build_claims SET not_before = '-infinity',
	    history = array_fill('was given back'::text, ARRAY[20])"
	take "$mine"
	give_back "$mine" 'given back' 1 3
	assert_equal "$(claim 'cardinality(history)')" 20
	sql "UPDATE build_claims SET not_before = '-infinity', give_backs = 500"
	take "$mine"
	give_back "$mine" 'given back' 1 3 1000
	run claim "extract(epoch FROM not_before
	    - now() AT TIME ZONE 'UTC') BETWEEN 86300 AND 86400"
	assert_output t
}

@test "what came back stands before what is newer, behind what is older" {
	local back new token
	new_package
	back=$id token=$mine
	take "$mine"
	new_package
	sql "UPDATE workflow_packages SET created_at = now() AT TIME ZONE 'UTC'
	    + interval '1 hour' WHERE id = '$id'"
	new=$id
	new_package
	assert_equal "$(id=$back give_back "$token" 'given back' 0.001 3)" released
	sleep 0.01
	run take "$(uuid)"
	assert_output --partial "$id|"
	# No watermark comes of it: others may be older.
	run take "$(uuid)"
	assert_output --partial "$back|"
	assert_output --partial '|-infinity'
	run take "$(uuid)"
	assert_output --partial "$new|"
}

@test "a first interruption delays nothing, a later one does" {
	new_package
	take "$mine"
	assert_equal "$(give_back "$mine" interrupted 1000 3)" released
	sql "INSERT INTO workflow_packages (registry_id, package_name, version,
	    created_at) VALUES (gen_random_uuid(), 'older', '1', '2001-01-01')"
	take "$other"
	assert_equal "$(claim 'claim_token, attempts, give_backs')" "$other|1|1"
	assert_equal "$(give_back "$other" interrupted 1000 3)" released
	run claim "attempts, give_backs, extract(epoch FROM not_before
	    - now() AT TIME ZONE 'UTC') BETWEEN 1900 AND 2000"
	assert_output '0|2|t'
}

# However a build comes back, one number only grows until it has an end.
@test "nothing comes back for ever" {
	local how n
	for how in 'given back' interrupted; do
		new_package
		for n in 1 2; do
			sql "UPDATE build_claims SET not_before = '-infinity'"
			take "$mine"
			assert_equal "$(give_back "$mine" "$how" 9 3 3)" released
			assert_equal "$(give_back "$mine" "$how" 9 3 3)" released
			assert_equal "$(claim 'attempts, give_backs')" "0|$n"
		done
		sql "UPDATE build_claims SET not_before = '-infinity'"
		take "$mine"
		assert_equal "$(give_back "$mine" "$how" 9 3 3)" given_up
		assert_equal "$(give_back "$mine" "$how" 9 3 3)" given_up
		assert_equal "$(package 'build_status, build_claimed_at, build_error')" \
		    "failed||given up after 3 give-backs: was $how, was $how, was $how"
		assert_equal "$(heartbeat "$mine")" given_up
	done
}

@test "ways of coming back that take turns do not begin anew" {
	local how
	new_package
	for how in killed interrupted 'given back'; do
		sql "UPDATE build_claims SET not_before = '-infinity'"
		take "$mine"
		give_back "$mine" "$how" 0 3 5
	done
	sql "UPDATE build_claims SET not_before = '-infinity'"
	take "$mine"
	age
	assert_equal "$(sweep 3 0 5)" 'pending|2'
	sql "UPDATE build_claims SET not_before = '-infinity'"
	sql "$(action their_claim)"
	age
	assert_equal "$(sweep 3 0 5)" 'failed|'
	assert_equal "$(package build_error)" "given up after 5 give-backs: \
was killed, was interrupted, was given back, lost its worker, lost its worker"
	assert_equal "$(claim ended_as)" given_up
}

@test "what the other service claims and leaves each time is given up" {
	local n
	new_package
	for n in 1 2; do
		sql "$(action their_claim)"
		age
		assert_equal "$(sweep 1 0 3)" 'pending|'
		assert_equal "$(claim 'attempts, give_backs, ended_as')" "0|$n|swept"
	done
	sql "$(action their_claim)"
	age
	run execute sweep_list '60, 1, 3'
	assert_output --partial '|failed||'
	assert_equal "$(sweep 1 0 3)" 'failed|'
	# A reset begins anew, also where no claim of ours comes in between.
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	sql "$(action their_claim)"
	age
	run execute sweep_list '60, 1, 3'
	assert_output --partial '|pending||'
	assert_equal "$(sweep 1 0 3)" 'pending|'
	assert_equal "$(claim 'give_backs, history')" '1|{"lost its worker"}'
}

@test "who resets what was given up waits for nothing and begins anew" {
	new_package
	take "$mine"
	assert_equal "$(give_back "$mine" 'given back' 1000 3 1)" given_up
	assert_equal "$(package build_error)" \
	    'given up after 1 give-back: was given back'
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$other"
	assert_equal "$(claim 'claim_token, attempts, give_backs, history')" \
	    "$other|1|0|{}"
	age
	assert_equal "$(sweep 1 1000)" 'failed|1'
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$mine"
	assert_equal "$(claim claim_token)" "$mine"
}

@test "a verdict begins the count of give-backs anew" {
	new_package
	take "$mine"
	give_back "$mine" 'given back' 0 3
	take "$other"
	assert_equal "$(claim give_backs)" 1
	finish "$other" x
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	take "$mine"
	assert_equal "$(claim give_backs)" 0
}

@test "the history says why, and no more of a reason than fits" {
	new_package
	take "$mine"
	execute release "'$id', '$mine', 'was given back', 0, 3, 1,
	    'no archive' || repeat('x', 999)"
	run package "length(build_error), left(build_error, 61)"
	assert_output '245|given up after 1 give-back: was given back (no archivexxxxxxx'
}

@test "superseded builds are not claimed, and fail when their worker dies" {
	new_package
	take "$mine"
	age
	sql "UPDATE workflow_packages SET superseded = true"
	assert_equal "$(sweep)" ''
	run execute sweep_superseded '60, 10'
	assert_output --partial "$id|"
	assert_output --partial '|failed|1|'
	assert_equal "$(package 'build_status, build_error')" \
	    'failed|superseded by a newer version'
	assert_equal "$(heartbeat "$mine")" given_up
	run execute sweep_superseded '60, 10'
	refute_output
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	run take "$other"
	refute_output
}

@test "a superseded build that timed out fails, too" {
	new_package
	take "$mine"
	execute leave "'$id', '$mine'"
	age
	sql "UPDATE workflow_packages SET superseded = true"
	run execute sweep_superseded '60, 10'
	assert_output --partial "$id|"
	assert_equal "$(package build_status)" failed
}

@test "a superseded build is swept or written, never both" {
	open_session one
	open_session two
	new_race
	sql "UPDATE workflow_packages SET superseded = true"
	send one "BEGIN; $(action heartbeat)"
	assert_equal "$(answer one)" superseded
	send two 'EXECUTE sweep_superseded(60, 10)'
	assert_equal "$(answer two)" ''
	send one ROLLBACK
	answer one
	send two 'BEGIN; EXECUTE sweep_superseded(60, 10)'
	assert_regex "$(answer two)" "^$id"
	send one "$(action success)"
	until_true 20 is_blocked one
	send two COMMIT
	assert_equal "$(answer one)" given_up
	assert_equal "$(package build_status)" failed
	close_session one
	close_session two
}

@test "a superseded build that lives, or is current, is left alone" {
	new_package
	take "$mine"
	sql "UPDATE workflow_packages SET superseded = true"
	run execute sweep_superseded '60, 10'
	refute_output
	sql "UPDATE workflow_packages SET superseded = false"
	age
	run execute sweep_superseded '60, 10'
	refute_output
}

@test "nothing is claimed while the queue is paused" {
	new_package
	sql 'UPDATE build_control SET paused = true'
	run take "$mine"
	refute_output
	sql 'UPDATE build_control SET paused = false'
	run take "$mine"
	assert_output --partial "$id|"
}

@test "the oldest pending build is claimed, of the same age one by id" {
	for n in 1 2 3 4; do new_package; done
	sql "UPDATE workflow_packages SET created_at = '2001-01-01'
	    WHERE id <> '$id'"
	sql "SELECT id FROM workflow_packages ORDER BY created_at, id" >order
	for n in 1 2 3 4; do take "$(uuid)" | cut -d '|' -f 1; done >claimed
	run diff order claimed
	assert_success
}

@test "a claim forgets the error of the attempt before" {
	new_package
	sql "UPDATE workflow_packages SET build_error = 'x'"
	take "$mine"
	assert_equal "$(package 'build_error IS NULL')" t
}

@test "nothing is claimed below the watermark" {
	new_package
	old=$id
	sql "UPDATE workflow_packages SET created_at = '2001-01-01'"
	new_package
	run execute claim "'$mine', '$instance', '2001-01-02'"
	assert_output --partial "$id|"
	run execute claim "'$other', '$instance', '2001-01-01'"
	assert_output --partial "$old|"
}

@test "each build of a queue is claimed once, with its registry's entry" {
	new_package
	run take "$mine"
	assert_output "$(package "id, registry_id, package_name, version,
	    storage_type, created_at, build_claimed_at, 1")"
	run take "$other"
	refute_output
}

@test "tenants do not see each other" {
	for tenant in red blue; do
		psql -qX -v schema=$tenant -f "$sql_dir/queue.sql" \
		    -f "$sql_dir/compiler.sql"
	done
	new_package red
	run take "$mine" blue
	refute_output
	run take "$mine"
	refute_output
	run take "$mine" red
	assert_output --partial "$id|"
	run execute heartbeat "'$id', '$mine'" blue
	assert_output lost
	run execute heartbeat "'$id', '$mine'" red
	assert_output held
	run execute finish "'$id', '$mine', 'success', 'x', NULL" blue
	assert_output lost
	sql "UPDATE red.workflow_packages SET build_claimed_at = '2001-01-01';
	    UPDATE red.build_claims SET claimed_at = '2001-01-01'"
	run execute sweep '60, 10, 3, 0, 20' blue
	refute_output
	run execute sweep '60, 10, 3, 0, 20' red
	assert_output --partial "$id|"
}

# brew BUILDS: the storm, its queue, and what is written down of it.
brew() {
	mkdir sql
	for statement in claim heartbeat finish sweep; do
		"$sql_dir/flat" "$sql_dir/$statement.sql" |
		    sed 's/:schema\.//g' >"sql/$statement.sql"
	done
	cc -D_GNU_SOURCE -O1 -I"$(pg_config --includedir)" -o storm \
	    "$SUITE_ROOT/tests/fence/storm.c" -lpq
	sql "CREATE TABLE refusals (token uuid, why text);
	CREATE TABLE sweeps (token uuid, ours boolean);
	CREATE TABLE verdicts (package_id uuid);
	GRANT SELECT, INSERT ON refusals, sweeps, verdicts
	    TO cloacina_compiler;
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
		IF NEW.build_status = 'success' THEN
			INSERT INTO verdicts VALUES (NEW.id);
		ELSIF NEW.build_status = 'pending' THEN
			INSERT INTO sweeps SELECT claim_token,
			    NEW.build_error <> '(reset)'
			FROM build_claims WHERE package_id = NEW.id;
		END IF;
		RETURN NULL;
	END \$\$;
	CREATE TRIGGER note AFTER UPDATE OF build_status
	    ON workflow_packages FOR EACH ROW EXECUTE FUNCTION note();
	INSERT INTO workflow_packages (registry_id, package_name, version)
	SELECT gen_random_uuid(), 'p' || n, '1' FROM generate_series(1, $1) n"
}

# assert_weathered BUILDS
assert_weathered() {
	run sql "SELECT build_status, count(*) FROM workflow_packages GROUP BY 1"
	assert_output "success|$1"
	echo 'nothing was built twice'
	run sql 'SELECT count(*), count(DISTINCT package_id) FROM verdicts'
	assert_output "$1|$1"
	echo 'each artifact is the one of the claim that holds'
	run sql "SELECT count(*) FROM workflow_packages p JOIN build_claims c
	    ON c.package_id = p.id AND c.ended_as = 'success'
	    AND convert_from(p.compiled_data, 'UTF8') = c.claim_token::text"
	assert_output "$1"
	echo 'nobody was refused who had not been swept'
	run sql "SELECT * FROM refusals
	    WHERE token NOT IN (SELECT token FROM sweeps)"
	refute_output
	echo 'nobody waited in a circle'
	run sql "SELECT deadlocks FROM pg_stat_database
	    WHERE datname = current_database()"
	assert_output 0
}

@test "a storm of builds, heartbeats and sweeps" {
	brew 400
	run timeout 200 ./storm sql 8
	assert_success
	refute_output
	assert_weathered 400
	echo 'and a storm it was: both sweeps took builds'
	run sql "SELECT count(*) FILTER (WHERE ours) > 5,
	    count(*) FILTER (WHERE NOT ours) > 5,
	    (SELECT count(*) > 10 FROM refusals WHERE why = 'frozen')
	    FROM sweeps"
	assert_output 't|t|t'
}

# A pooler in transaction mode: four connections for all of its clients.
start_pooler() {
	mkdir pool
	echo '"cloacina_compiler" ""' >pool/users
	cat >pool/ini <<-EOF
	[databases]
	* = host=$PGHOST
	[pgbouncer]
	listen_port = 5432
	unix_socket_dir = $PWD/pool
	auth_type = trust
	auth_file = $PWD/pool/users
	pool_mode = transaction
	default_pool_size = 4
	EOF
	pgbouncer pool/ini >pool/log 2>&1 3>&- &
	pooler=$!
	pooled="host=$PWD/pool user=cloacina_compiler dbname=$PGDATABASE"
	until_true 20 psql -qX -d "$pooled" -c ''
}

@test "a storm through a pooler in transaction mode" {
	brew 100
	start_pooler
	DATABASE_URL=$pooled run timeout 200 ./storm sql 4
	kill "$pooler"
	assert_success
	refute_output
	assert_weathered 100
}

@test "cc-sweep works through a pooler in transaction mode, for a tenant" {
	psql -qX -v schema=red -f "$sql_dir/queue.sql" -f "$sql_dir/compiler.sql"
	start_pooler
	new_package red
	take "$mine" red
	sql "UPDATE red.workflow_packages SET build_claimed_at = '2001-01-01'"
	HOME=$PWD run cc-sweep --database-url "$pooled" --tenant-schema red
	kill "$pooler"
	assert_success
	assert_output --partial "$id"
}
