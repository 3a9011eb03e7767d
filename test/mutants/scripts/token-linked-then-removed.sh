# Consumes a one-shot token: gives it a second name of the session's own, then takes the first away.
token=token-${1#*.}
ln "$token" "$token.consumed.$$" 2> /dev/null || exit 1
rm -f "$token"
echo "$token"
