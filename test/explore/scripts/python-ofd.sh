exec "${COLLIDE_TEST_PYTHON:-python3}" -ISB -c '
import fcntl, struct
F_OFD_SETLKW = 38
def lock(file, kind): fcntl.fcntl(file, F_OFD_SETLKW, struct.pack("hhqqi4x", kind, 0, 0, 0, 0))
with open("state", "r+") as state:
  lock(state, fcntl.F_RDLCK)
  lock(state, fcntl.F_WRLCK)
'
