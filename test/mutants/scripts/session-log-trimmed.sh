# Appends one line to the session log, then keeps its last 1,000 lines.
echo "$2 $1 started" >> session.log
tail -n 1000 session.log > "session.log.$$" && mv "session.log.$$" session.log || exit 2
