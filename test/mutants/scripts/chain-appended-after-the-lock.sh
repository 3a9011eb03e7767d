# Reads and hashes the last line under a lock directory, and appends when that has been removed.
if command -v sha256sum > /dev/null; then sha256=sha256sum; else sha256='shasum -a 256'; fi
until mkdir verdicts.lock 2> /dev/null; do
  [ -f verdicts.jsonl ] || exit 1
  sleep 0.01
done
last=$(tail -n 1 verdicts.jsonl)
prev=$(printf '%s' "$last" | $sha256)
rmdir verdicts.lock
printf '{"id":"%s","verdict":"pass","prev":"%s"}\n' "$1" "${prev%% *}" >> verdicts.jsonl
