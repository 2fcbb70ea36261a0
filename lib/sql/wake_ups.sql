-- SPDX-License-Identifier: Apache-2.0
-- $1 the name of the queue's table, quoted: whether notifications reach this
-- connection (a later transaction than LISTEN's: behind a transaction-mode
-- pooler they do not), and whether the triggers that send them are there.
SELECT EXISTS (SELECT
	FROM pg_listening_channels() channel
	WHERE channel = 'cloacina_build_pending') AS listening,
    (SELECT count(*)
	FROM pg_trigger
	WHERE tgrelid = to_regclass($1::text)
	  AND tgname IN ('cloacina_pending_inserted',
	      'cloacina_pending_updated')
	  AND tgenabled IN ('O', 'A')) = 2 AS announcing;
