#!/bin/sh
# SPDX-License-Identifier: MIT
#
# blink on an emulated board: both LEDs change when they should, for a minute,
# and the processor has woken for nothing else.
#
#   check_blink.sh LEDS COMMAND...
#
# LEDS: an awk program for what the emulator says of the LEDs on standard error.
# It prints the changes, "MS LED VALUE", or, where the time is not told, calls
# show() with the number that both LEDs' bits make, and finds hex() useful.
leds=$1
shift
folder=$(mktemp -d) || exit 2
trap 'rm -r "$folder"' EXIT

"$@" < /dev/null > "$folder/raw" 2> "$folder/err" ||
    { cat "$folder/raw" "$folder/err" && exit 1; }

# 120 changes at 0.5 s, 1 s ... 60 s, 85 at 0.7 s, 1.4 s ... 59.5 s, of which 17
# come at the same time: 3.5 s, 7 s ... 59.5 s.
tr -d '\r' < "$folder/raw" | grep -v '^Loaded' > "$folder/out"
printf '%d wake-ups\n' $((120 + 85 - 17)) | diff - "$folder/out" || exit 1

# What each LED does, in turn; at the end both are off.
awk 'BEGIN {
    for (n = 0; n <= 120; n++) { print 500 * n, 0, (n + 1) % 2 }
    print 60000, 0, 0
    for (n = 0; n < 86; n++) { print 700 * n, 1, (n + 1) % 2 }
}' > "$folder/expected"
awk 'function hex(text) {
    return index("0123456789abcdef", substr(text, length(text))) - 1
}
function show(value, led, bit) {
    for (led = 0; led < 2; led++) {
        bit = int(value / (led + 1)) % 2
        if (bit != shown[led]) { print "-", led, bit }
        shown[led] = bit
    }
}'"$leds" "$folder/err" | sort -s -k2,2 > "$folder/changes"
if grep -q '^-' "$folder/changes"; then
    sed -i 's/^[0-9]*/-/' "$folder/expected"
fi
diff "$folder/expected" "$folder/changes" || exit 1
