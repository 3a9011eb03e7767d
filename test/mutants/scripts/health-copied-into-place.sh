# Adds one to fire_count under the lock; cp empties the old file before it fills it.
exec 9>> health.json.lock
flock -w 10 9 || exit 1
state=$(cat health.json)
count=${state#*\"fire_count\":} count=${count%%,*}
last=${state#*\"last\":\"} last=${last%%\"*}
printf '{"fire_count":%d,"last":"%s"}\n' "$((count + 1))" "$1" > "health.json.$$"
cp "health.json.$$" health.json || exit 2
rm -f "health.json.$$"
printf '{"basedOn":"%s"}\n' "$last"
