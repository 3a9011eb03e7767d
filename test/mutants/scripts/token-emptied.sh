# Consumes a one-shot token by emptying it: a token that is empty has been consumed.
token=token-${1#*.}
[ -s "$token" ] || exit 1
: > "$token"
echo "$token"
