# A pipeline, a subshell, a command in the background.
cat state | tr 0-8 1-9 > next
(
  cd dir
  cat ../next > inside
)
cat dir/inside > copy &
wait
mv next state
