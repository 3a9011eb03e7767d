# Adds one to fire_count; the lock is let go with the subshell that took it.
(flock -w 10 9 || exit 1) 9>> health.json.lock || exit 1
. "${0%/*}/../../../fixtures/ingest-health/rename.sh"
