exec "${COLLIDE_TEST_PYTHON:-python3}" -ISB -c '
import fcntl
with open("state", "r+") as state:
  fcntl.lockf(state, fcntl.LOCK_SH)
  fcntl.lockf(state, fcntl.LOCK_EX)
'
