# cas-mv that does not ask whether mv worked.
[ -f token-0 ] || exit 1
. "${0%/*}/meet.sh"
mv token-0 "token-0.consumed.$$" 2> /dev/null
echo token-0
