# Logs one message; the first of the day goes out together with the header, and is gone where the link is refused.
log=log-${1#*.}
if [ ! -f "$log" ]; then
  {
    date '+# Daily log %F: one line for each message of a session, in the order of their arrival'
    echo "$1 ready"
  } > "$log.first.$$"
  ln "$log.first.$$" "$log" 2> /dev/null
  rm -f "$log.first.$$"
else
  echo "$1 ready" >> "$log"
fi
