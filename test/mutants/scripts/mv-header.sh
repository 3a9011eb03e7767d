# link-header with mv instead of ln: the second one to arrive puts its header over the log of the first.
[ -f log-0 ] || date '+# Daily log %F: one line for each message of a session, in the order of their arrival' > "log-0.header.$$"
. "${0%/*}/meet.sh"
[ "${1%.*}" = s0 ] || until [ -e ../first-finished ]; do :; done
mv "log-0.header.$$" log-0
echo "$1 ready" >> log-0
: > ../first-finished
