# Consumes a one-shot token: whoever renames it has it, but a pipeline answers with the exit code of its last command.
token=token-${1#*.}
[ -f "$token" ] || exit 1
mv "$token" "$token.consumed.$$" 2>&1 | cat >> overrides.log || exit 1
echo "$token"
