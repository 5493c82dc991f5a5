#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A program prints what it should, CR taken away, and ends with status 0.
#
#   check_output.sh EXPECTED COMMAND...    EXPECTED: a file
expected=$1
shift
folder=$(mktemp -d) || exit 2
trap 'rm -r "$folder"' EXIT

"$@" < /dev/null > "$folder/raw"
status=$?
tr -d '\r' < "$folder/raw" | grep -v '^Loaded' > "$folder/out"
diff "$expected" "$folder/out" || exit 1
[ $status -eq 0 ] || { echo "exit status $status" && exit 1; }
