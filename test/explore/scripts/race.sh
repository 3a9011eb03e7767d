# The command in the background may come to the gate before the shell goes on, or after.
cat state > zzz &
echo 1 > aaa
wait
