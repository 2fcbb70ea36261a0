-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 first byte (from 1), $3 bytes: a slice of the artifact, its
-- whole length, and which build's it is: slices of one build fit.
SELECT octet_length(compiled_data),
    coalesce(extract(epoch FROM compiled_at)::text, 'unknown'),
    substring(compiled_data FROM $2::int FOR $3::int)
FROM :schema.workflow_packages
WHERE id = $1::uuid AND build_status = 'success'
  AND compiled_data IS NOT NULL;
