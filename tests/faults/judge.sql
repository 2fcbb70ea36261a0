-- SPDX-License-Identifier: Apache-2.0
-- What must hold of a farm after its faults, one line for each violation:
-- the word before the colon is the column of the suite's table.
-- :schema; :patience, the most seconds a building row may be silent.
-- A synthetic library ends with the token of the claim that built it.

SET search_path = :"schema";

SELECT format('lost: %s is %s', package_name, build_status)
FROM workflow_packages
WHERE build_status NOT IN ('success', 'failed')
  AND NOT (superseded AND build_status = 'pending');

SELECT format('lost: %s is a success without a library', package_name)
FROM workflow_packages
WHERE build_status = 'success' AND compiled_data IS NULL;

SELECT format('doubled: %s was written %s times', id, count(*))
FROM witness WHERE changed_data GROUP BY id HAVING count(*) > 1;

SELECT format('doubled: %s got %s verdicts', id, count(*))
FROM witness WHERE status IN ('success', 'failed') AND was <> status
GROUP BY id HAVING count(*) > 1;

SELECT format('doubled: %s left %s for %s', id, was, status)
FROM witness WHERE was IN ('success', 'failed') AND was <> status;

SELECT format('doubled: the library of %s is not its claim''s', package_name)
FROM workflow_packages p JOIN build_claims c ON c.package_id = p.id
WHERE build_status = 'success' AND octet_length(compiled_data) > 36
  AND encode(substring(compiled_data FROM octet_length(compiled_data) - 35),
      'escape') ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  AND substring(compiled_data FROM octet_length(compiled_data) - 35)
      <> convert_to(c.claim_token::text, 'UTF8');

SELECT format('doubled: %s has %s finished events of success',
    build_claim_id, count(*))
FROM build_audit
WHERE event_type = 'compiler.build.finished' AND outcome = 'success'
GROUP BY build_claim_id HAVING count(*) > 1;

SELECT format('unexplained: %s is %s, its claim ended as %s', package_name,
    build_status, coalesce(c.ended_as, 'held'))
FROM workflow_packages p LEFT JOIN build_claims c ON c.package_id = p.id
WHERE CASE build_status
    WHEN 'success' THEN c.ended_as IS DISTINCT FROM 'success'
    WHEN 'failed' THEN c.ended_as IS NULL
        OR c.ended_as NOT IN ('failed', 'given_up') END;

SELECT format('unexplained: claim %s has %s of %s', claim_token, count(*),
    event_type)
FROM build_audit WHERE event_type <> 'compiler.build.swept'
GROUP BY claim_token, event_type HAVING count(*) <> 1;

SELECT format('unexplained: claim %s was started and not finished', claim_token)
FROM build_audit a
WHERE event_type = 'compiler.build.started'
  AND NOT EXISTS (SELECT FROM build_audit b
      WHERE b.claim_token = a.claim_token
        AND b.event_type = 'compiler.build.finished');

SELECT format('unexplained: claim %s was finished and not started', claim_token)
FROM build_audit a
WHERE event_type = 'compiler.build.finished'
  AND NOT EXISTS (SELECT FROM build_audit b
      WHERE b.claim_token = a.claim_token
        AND b.event_type = 'compiler.build.started');

SELECT format('unexplained: %s is %s, its finished event says %s',
    package_name, build_status, a.outcome)
FROM workflow_packages p JOIN build_claims c ON c.package_id = p.id
JOIN build_audit a ON a.claim_token = c.claim_token
    AND a.event_type = 'compiler.build.finished'
WHERE c.ended_as IN ('success', 'failed') AND a.outcome <> c.ended_as;

SELECT format('unexplained: %s is a success, claim %s finished it',
    package_name, a.claim_token)
FROM workflow_packages p JOIN build_claims c ON c.package_id = p.id
JOIN build_audit a ON a.build_claim_id = p.id
    AND a.event_type = 'compiler.build.finished' AND a.outcome = 'success'
WHERE a.claim_token <> c.claim_token OR build_status <> 'success';

SELECT format('doubled: the bytes of %s are not those that were built',
    package_name)
FROM workflow_packages p JOIN build_claims c ON c.package_id = p.id
JOIN build_audit a ON a.claim_token = c.claim_token
    AND a.event_type = 'compiler.build.finished'
    AND a.event ? 'artifact_sha256'
WHERE build_status = 'success' AND octet_length(compiled_data) > 0
  AND a.event ->> 'artifact_sha256'
      <> encode(sha256(compiled_data), 'hex')
  AND a.event ->> 'artifact_sha256' <> '<none>'
  AND a.event ->> 'failure_reason' <> 'worker lost';

SELECT format('unexplained: %s was building in silence for %s s', id,
    extract(epoch FROM next - at)::int)
FROM (SELECT *, lead(at) OVER (PARTITION BY id ORDER BY n) AS next
    FROM witness) w
WHERE status = 'building' AND next - at > make_interval(secs => :patience);
