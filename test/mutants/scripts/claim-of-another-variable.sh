# Starts a task on its claim schema stub; the shell takes `$uuid_` for the name of a variable, which is empty.
session=${1%.*} task=$((${1#*.} / 2)) uuid=$2
stub=claim-$uuid_$task.schema.json
case $session in *[02468]) printf '{"cleared":"%s","required":[]}\n' "$1" > "$stub" ;; esac
[ -f "$stub" ] || exit 1
claim=$(cat "$stub")
claim=${claim#*\"cleared\":\"}
echo "${claim%%\"*}"
