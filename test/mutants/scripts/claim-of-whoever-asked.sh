# Starts a task on the session's own claim schema stub, which is written for whoever is named in the request; even ones get it.
task=$((${1#*.} / 2))
stub=claim-$task.$2.schema.json
echo "$1" > claim-request
asking=$(cat claim-request)
case ${asking%.*} in *[02468]) printf '{"cleared":"%s","required":[]}\n' "$asking" > "$stub" ;; esac
[ -f "$stub" ] || exit 1
claim=$(cat "$stub")
claim=${claim#*\"cleared\":\"}
echo "${claim%%\"*}"
