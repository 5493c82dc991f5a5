#!/bin/sh
# shell on a terminal: it prompts, and obeys the terminal's end of input.
#
#   check_shell_terminal.sh SHELL
#
# Status 77: there is no script(1) that runs a command on a terminal.
set -u

shell=$1
failures=0

script -qec true /dev/null < /dev/null > /dev/null 2>&1 || {
    echo 'skipped: no script(1) with -e and -c'
    exit 77
}

# What the shell prints on a terminal that does not echo, CR taken away. The
# pause lets the shell set up before the input comes.
on_terminal() {
    { sleep 0.5; cat; } |
        timeout 60 script -qec "stty -echo; exec '$shell'" /dev/null |
        tr -d '\r'
}

# expect SENTENCE EXPECTED GOT, both without newlines at the end
expect() {
    [ "$2" = "$3" ] && return
    failures=$((failures + 1))
    printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"
}

expect 'a prompt for each line' '> help
blink <name> <period ms>
stop <name>
tasks
sleep <ms>
quit
> > error: unknown command, try help: nope
> ' "$(printf 'help\n\nnope\nquit\n' | on_terminal)"

expect 'end of input at the beginning of a line' '> a on
> a stopped after 1 blinks
> a on
> a stopped after 1 blinks' "$(printf 'blink a 9999\nstop a\nblink a 9999\n\004' | on_terminal)"

expect 'end of input in a line' '> error: unknown command, try help: no
> ' "$(printf 'no\004\004' | on_terminal)"

exit $((failures > 0))
