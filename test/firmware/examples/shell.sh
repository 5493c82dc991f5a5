#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The shell on an emulated board, made to look like that on a PC: the end of the
# input is control-D, the output is without CR, and without prompts. A newline
# goes first, for a UART may lose what comes before it is open.
#
#   shell.sh COMMAND...    the emulator and what it runs
folder=$(mktemp -d) || exit 2
trap 'rm -r "$folder"' EXIT

{ echo; cat; printf '\004'; } | "$@" > "$folder/out" 2> "$folder/err"
status=$?
# What the emulators say of themselves is left out.
grep -v 'warning: nic .* has no peer' "$folder/err" >&2
tr -d '\r' < "$folder/out" | sed 's/^\(> \)*//; /^Loaded [0-9]* \./d'
exit $status
