# Consumes a one-shot token: is it there? then moves it aside, and does not ask whether that worked.
token=token-${1#*.}
[ -f "$token" ] || exit 1
mv "$token" "$token.consumed.$$" 2> /dev/null
echo "$token"
