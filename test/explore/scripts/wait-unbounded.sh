# A turn is a directory.
until mkdir turn 2> /dev/null; do sleep 0.1; done
echo 1 > state
rmdir turn
