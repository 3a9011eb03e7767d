# Waits until both sessions have got this far.
: > "../meet-${1%.*}"
until [ -e ../meet-s0 ] && [ -e ../meet-s1 ]; do :; done
