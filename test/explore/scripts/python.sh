exec "${COLLIDE_TEST_PYTHON:-python3}" -ISB -c '
import os
with open("state") as state: count = int(state.read())
with open("new", "w") as new: new.write(str(count + 1))
os.replace("new", "state")
'
