import calendar, csv, difflib, json, string, sys  # at each of them, Python looks at this directory again

# Takes over from an owner that is dead.
try:
    with open("owner") as file:
        owner = file.read()
except FileNotFoundError:
    owner = "dead"
if owner != "dead":
    sys.exit(1)
else:
    with open("owner", "w") as file:
        file.write("me")
    n = int(open("n").read())
    open("n", "w").write(str(n + 1))
