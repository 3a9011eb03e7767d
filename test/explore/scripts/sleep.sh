sleep 1000
echo 1 > state
