echo "$1" > "$1.txt"
touch -t 202601010000 "$1.txt"
git add "$1.txt" 2> /dev/null || exit 1
git commit --quiet --message "$1" --include -- "$1.txt" 2> /dev/null > /dev/null || exit 1
