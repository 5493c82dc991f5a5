#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Run firmware in an emulator, and say whether it did what is expected.
#
#   run.sh pass|fail PATTERN INPUT SECONDS COMMAND...
#
# "pass": the exit status is 0 and a line of the output matches the extended
# regular expression PATTERN. "fail": the status is not 0, and a line matches.
# An empty PATTERN matches. A run that does not end within SECONDS is never
# right. INPUT is a file for the standard input, or empty.
expect=$1 pattern=$2 input=$3 seconds=$4
shift 4

output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
timeout -k 1 "$seconds" "$@" < "${input:-/dev/null}" > "$output" 2>&1
status=$?
cat "$output"
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    echo "run.sh: it did not end within $seconds s" && exit 1
elif [ "$expect" = pass ] && [ "$status" -ne 0 ]; then
    echo "run.sh: the exit status is $status" && exit 1
elif [ "$expect" = fail ] && [ "$status" -eq 0 ]; then
    echo "run.sh: it passed, and should have failed" && exit 1
elif ! grep -a -q -E -e "$pattern" "$output"; then
    echo "run.sh: no line says: $pattern" && exit 1
fi
