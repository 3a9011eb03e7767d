# A temporary file as scripts name it.
echo "$1" > "tmp.$$"
mv "tmp.$$" state
