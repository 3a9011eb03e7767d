# The lock ends with the block.
{
  flock 9
  read -r count < state
  echo $((count + 1)) > state
} 9< lock
cat other
