# The append to the chain without its lock.
prev=$(tail -n 1 verdicts.jsonl | tr -d '\n' | sha256sum)
. "${0%/*}/meet.sh"
printf '{"id":"%s","verdict":"pass","prev":"%s"}\n' "$1" "${prev%% *}" >> verdicts.jsonl
