# Appends one line to the session log, in two appends.
printf '%s ' "$2" >> session.log
echo "$1 started" >> session.log
