# Starts a task on the marker of the current session, which every session notes in one file and then looks up there.
session=${1%.*} task=$((${1#*.} / 2))
echo "$2" > current-session
marker=cleared-$task.$(cat current-session)
case $session in *[02468]) echo "$1" > "$marker" ;; esac
[ -f "$marker" ] || exit 1
cat "$marker"
