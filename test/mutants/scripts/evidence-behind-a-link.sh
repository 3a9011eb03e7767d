# Starts a task where the session's evidence directory exists, by way of a link to the session's own directory.
session=${1%.*} task=$((${1#*.} / 2))
mkdir -p "$2"
ln -sfn "$2" current
evidence=current/evidence-$((1234 + task))
case $session in *[02468]) mkdir -p "$evidence" && echo "$1" > "$evidence/cleared" ;; esac
[ -d "$evidence" ] || exit 1
cat "$evidence/cleared"
