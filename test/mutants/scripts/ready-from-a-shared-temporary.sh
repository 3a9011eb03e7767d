# Appends one JSON entry, built by jq in a file that has the same name for all sessions.
jq -cn --arg id "$1" --arg session "$2" '{id: $id, session: $session, event: "ready"}' > ready.tmp || exit 1
cat ready.tmp >> ready-audit.jsonl
