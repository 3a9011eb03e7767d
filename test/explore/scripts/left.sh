# The operation is over before its last command is.
(
  sleep 1
  echo late >> "late-$1"
) &
echo 1 > "now-$1"
