-- SPDX-License-Identifier: Apache-2.0
-- $1 registry id, $2 first byte (from 1), $3 bytes: a slice of the archive,
-- its whole length, and the row's version: slices of one version fit.
SELECT octet_length(data), xmin::text, substring(data FROM $2::int FOR $3::int)
FROM :schema.workflow_registry
WHERE id = $1::uuid;
