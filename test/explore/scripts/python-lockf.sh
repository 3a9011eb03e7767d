exec "${COLLIDE_TEST_PYTHON:-python3}" -ISB -c '
import fcntl
with open("state", "r+") as state:
  fcntl.lockf(state, fcntl.LOCK_EX)
  count = int(state.read())
  state.seek(0)
  state.write(str(count + 1))
  state.flush()
  fcntl.lockf(state, fcntl.LOCK_UN)
'
