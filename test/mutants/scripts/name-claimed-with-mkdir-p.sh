# Claims a session lock, a directory: mkdir -p does not mind that it is there.
lock=.session-${1#*.}
[ -d "$lock" ] && exit 1
mkdir -p "$lock" || exit 1
echo "$1" > "$lock/holder"
echo "$lock"
