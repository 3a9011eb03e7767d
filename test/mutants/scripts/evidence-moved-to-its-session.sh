# Starts a task on the session's own evidence, else on the shared one; what clears sessions moves it from there to the session.
session=${1%.*} task=$((${1#*.} / 2))
number=$((1234 + task))
case $session in *[02468])
  mkdir -p "evidence-$number" "$2/evidence-$number"
  echo "$1" > "evidence-$number/cleared"
  mv "evidence-$number/cleared" "$2/evidence-$number/cleared"
  rmdir "evidence-$number"
  ;;
esac
evidence=$2/evidence-$number
[ -d "$evidence" ] || evidence=evidence-$number
[ -d "$evidence" ] || exit 1
cat "$evidence/cleared" 2> /dev/null || exit 1
