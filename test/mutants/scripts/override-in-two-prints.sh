# Appends one line to the override ledger, in two writes to one descriptor.
{
  printf '{"id":"%s",' "$1"
  printf '"session":"%s","override":"allowed"}\n' "$2"
} >> overrides.jsonl
