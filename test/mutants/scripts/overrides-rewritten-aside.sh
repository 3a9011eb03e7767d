# Adds one line to the override ledger: all that is there and the line into a temporary file, which takes its place.
{
  cat overrides.jsonl 2> /dev/null
  printf '{"id":"%s","session":"%s","override":"allowed"}\n' "$1" "$2"
} > "overrides.$$" && mv "overrides.$$" overrides.jsonl || exit 2
