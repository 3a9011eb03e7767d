read -r count < state
echo $((count + 1)) > state
