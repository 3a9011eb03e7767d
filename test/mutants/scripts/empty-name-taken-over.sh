# Claims a session lock by creating the file; an empty one was left by a session that died, and is taken over.
lock=.session-${1#*.}
set -C
if ! { echo "$1" > "$lock"; } 2> /dev/null; then
  [ -s "$lock" ] && exit 1
  echo "$1" >| "$lock"
fi
echo "$lock"
