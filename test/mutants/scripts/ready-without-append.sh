# Adds one JSON entry, built by jq, to the audit log: reads to the end of the log, and writes where that is.
JSON=$(jq -cn --arg id "$1" --arg session "$2" '{id: $id, session: $session, event: "ready"}') || exit 1
exec 3<> ready-audit.jsonl
cat <&3 > /dev/null
echo "$JSON" >&3
