# What the strategy says, in its environment.
eval "$LINE"
