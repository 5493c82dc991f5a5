#!/bin/sh
# sensor_bus: what it prints, and that it ends by itself, without a report.
#
#   check_sensor_bus.sh SENSOR_BUS
set -u

folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT
failures=0

fail() {
    failures=$((failures + 1))
    echo "sensor_bus: $1"
}

"$1" > "$folder/got" 2> "$folder/err"
status=$?
[ $status -eq 0 ] || fail "exit status $status, expected 0"
[ ! -s "$folder/err" ] || fail "a report: $(cat "$folder/err")"

cat > "$folder/expected" << 'END'
-- round
 223 ms  0x49: holds the bus, reset
 225 ms  0x49: hangs (-ETIMEDOUT)
 228 ms  0x4a: no answer (-EIO)
 255 ms  0x49: holds the bus, reset
 257 ms  0x49: hangs (-ETIMEDOUT)
 297 ms  0x49: holds the bus, reset
 299 ms  0x49: hangs (-ETIMEDOUT)
 299 ms  0x48: 21500 mC
 299 ms  0x49: hangs (-ETIMEDOUT)
 299 ms  0x4a: -17750 mC
-- round
 423 ms  0x49: holds the bus, reset
 425 ms  0x49: hangs (-ETIMEDOUT)
 455 ms  0x49: holds the bus, reset
 457 ms  0x49: hangs (-ETIMEDOUT)
 497 ms  0x49: holds the bus, reset
 499 ms  0x49: hangs (-ETIMEDOUT)
 499 ms  0x48: 21500 mC
 499 ms  0x49: hangs (-ETIMEDOUT)
 499 ms  0x4a: -17750 mC
END
diff "$folder/expected" "$folder/got" || fail 'wrong output'

exit $((failures > 0))
