# Killed while it waits for its turn: it never makes its step.
cat state > copy &
kill -9 $!
wait
echo 1 > state
