#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The shell on an emulated board, as a terminal sees it: with prompts, and with
# CR at the end of a line.
#
#   check_prompt.sh COMMAND...    the emulator and what it runs
folder=$(mktemp -d) || exit 2
trap 'rm -r "$folder"' EXIT

# The newline may be lost, for it comes before the UART is open.
printf '> error: unknown command, try help: nope\r\n> ' > "$folder/expected"
printf '\nnope\n\004' | "$@" 2> /dev/null |
    sed '/^Loaded [0-9]* \./d; s/^> > error/> error/' > "$folder/out"
cmp "$folder/expected" "$folder/out" || { od -c "$folder/out" && exit 1; }
