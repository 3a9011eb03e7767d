# noclobber without set -C.
. "${0%/*}/meet.sh"
echo "$1" > .session-0 || exit 1
echo .session-0
