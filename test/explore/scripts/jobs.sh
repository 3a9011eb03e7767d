# Two subshells at once; which of their commands is started first is chance.
(
  cat state > a1
  cat state > a2
) &
(
  cat state > b1
  cat state > b2
) &
wait
