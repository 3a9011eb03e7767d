# Appends under an advisory lock that any number of sessions may hold at once.
exec 9>> verdicts.lock
flock -s -w 10 9 || exit 1
. "${0%/*}/../../../fixtures/verdict-chain/append.sh"
