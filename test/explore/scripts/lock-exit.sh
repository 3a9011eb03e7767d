# The lock ends with the shell.
exec 9< lock
flock 9
read -r count < state
echo $((count + 1)) > state
