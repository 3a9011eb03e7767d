# Logs one message; the log of the day appears with its header in it, by a rename that does not mind that there is one.
log=log-${1#*.}
if [ ! -f "$log" ]; then
  date '+# Daily log %F: one line for each message of a session, in the order of their arrival' > "$log.header.$$"
  mv "$log.header.$$" "$log"
fi
echo "$1 ready" >> "$log"
