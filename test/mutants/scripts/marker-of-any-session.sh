# Starts a task on the first marker of the task: there is a session's id in its name, but anybody's will do.
session=${1%.*} task=$((${1#*.} / 2))
case $session in *[02468]) echo "$1" > "cleared-$task.$2" ;; esac
for marker in "cleared-$task."*; do break; done
[ -f "$marker" ] || exit 1
cat "$marker"
