ref=refs/claims/task-${1#*.}
claim=$(printf '%s' "$1" | git hash-object -w --stdin) || exit
if git show-ref --quiet --verify "$ref"; then exit 1; fi
git update-ref "$ref" "$claim" 2> /dev/null || exit 1
echo "task-${1#*.}"
