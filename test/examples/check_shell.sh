#!/bin/sh
# shell: what it answers to right and wrong input, however that arrives.
#
#   check_shell.sh SHELL [LINES]    LINES: of a flood
set -u

shell=$1
lines=${2:-20000}
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT

# Some checks run in a pipeline, where a variable would not outlive them.
fail() {
    printf '%s\n' "$1" | tee -a "$folder/failures"
}

# expect SENTENCE: the shell, given standard input, prints $folder/expected,
# says nothing on stderr and ends with status 0.
expect() {
    timeout 60 "$shell" > "$folder/out" 2> "$folder/err"
    status=$?
    [ $status -eq 0 ] || fail "$1: exit status $status"
    diff "$folder/expected" "$folder/out" || fail "$1: wrong output"
    [ ! -s "$folder/err" ] || fail "$1: stderr: $(cat "$folder/err")"
}

expected() {
    cat > "$folder/expected"
}

# one_error SENTENCE FORMAT MESSAGE: one line in, one error out, and nothing
# else: no blinker is running afterwards.
one_error() {
    printf '%s\n' "error: $3" > "$folder/expected"
    # shellcheck disable=SC2059 # the format is the input
    { printf "$2"; printf '\ntasks\n'; } | expect "$1"
}

usage='blink <name> <period ms>'
unknown='unknown command, try help'

# The longest time depends on the configuration of the library.
limit=$(echo 'sleep 0' | "$shell" |
    sed -n 's/^error: not 1 to \([0-9]*\) ms: 0$/\1/p')
[ "${limit:-0}" -ge 10000 ] || { echo "no limit, or too short"; exit 1; }

# --- Commands ----------------------------------------------------------------

expected <<'END'
led on
led off
led on
led off
led stopped after 4 blinks
error: unknown command, try help: nope
END
printf 'blink led 100\nsleep 350\nstop led\nnope\nquit\n' |
    expect 'a blinker blinks at 0, 100, 200 and 300 ms and is stopped'

expected <<'END'
help
blink <name> <period ms>
stop <name>
tasks
sleep <ms>
quit
END
printf 'help\n' | expect 'help lists the commands'

expected <<'END'
a on
b on
a: every 200 ms, 1 blinks
b: every 9999 ms, 1 blinks
a off
a: every 200 ms, 2 blinks
b: every 9999 ms, 1 blinks
a stopped after 2 blinks
b: every 9999 ms, 1 blinks
b stopped after 1 blinks
END
printf 'blink a 200\nblink b 9999\ntasks\nsleep 300\ntasks\nstop a\ntasks\n' |
    expect 'tasks lists name, period and blinks of those that run'

# The order in which the end stops the rest is not promised: one is left.
{
    printf 'blink a 9999\nblink b 9999\nblink c 9999\nblink d 9999\n'
    printf 'blink e 9999\nblink d 1\nstop b\nblink e 9999\n'
    printf 'stop a\nstop c\nstop d\nstop e\nblink b 9999\nquit\n'
} > "$folder/in"
expected <<'END'
a on
b on
c on
d on
error: no blinker is free: e
error: name is taken: d
b stopped after 1 blinks
e on
a stopped after 1 blinks
c stopped after 1 blinks
d stopped after 1 blinks
e stopped after 1 blinks
b on
b stopped after 1 blinks
END
expect 'four blinkers serve again and again' < "$folder/in"

: > "$folder/expected"
printf 'quit\nhelp\n' | expect 'nothing runs behind quit'

printf 'a on\na stopped after 1 blinks\n' > "$folder/expected"
printf 'blink a %s\nstop a\n' "$limit" | expect 'the longest period'

# --- Wrong input -------------------------------------------------------------

one_error 'an unknown command' 'nope' "$unknown: nope"
one_error 'a command is a whole word' 'hel' "$unknown: hel"
one_error 'no arguments' 'blink' "usage: $usage"
one_error 'a missing argument' 'blink a' "usage: $usage"
one_error 'an extra argument' 'blink a 1 2' "usage: $usage"
one_error 'many extra arguments' 'blink a 1 2 3 4 5' "usage: $usage"
one_error 'stop without a name' 'stop' 'usage: stop <name>'
one_error 'stop with two names' 'stop a b' 'usage: stop <name>'
one_error 'stop of what does not run' 'stop a' 'no such blinker: a'
one_error 'sleep without a time' 'sleep' 'usage: sleep <ms>'
one_error 'an argument to tasks' 'tasks x' 'usage: tasks'
one_error 'an argument to help' 'help x' 'usage: help'
one_error 'an argument to quit' 'quit x' 'usage: quit'
one_error 'a name that is too long' 'blink abcdefghijkl 1' \
    'name is too long: abcdefghijkl'
one_error 'a NUL in a line' 'blink a 1\000' "not 1 to $limit ms: 1?"
one_error 'an escape sequence' '\033[2J' "$unknown: ?[2J"

for number in x 0 00 -1 +1 1x 0x10 1.5 $((limit + 1)) 4294967297 \
    99999999999999999999999999; do
    for command in 'blink a' sleep; do
        one_error "the number $number" "$command $number" \
            "not 1 to $limit ms: $number"
    done
done

one_error 'a line of 64 characters' "$(printf '%064d' 0)" \
    'line is too long: nothing done'
one_error 'a line of a thousand characters' "$(printf '%01000d' 0)" \
    'line is too long: nothing done'
one_error 'a line of 63 characters is read whole' "$(printf '%063d' 0)" \
    "$unknown: $(printf '%063d' 0)"

# --- How the input arrives ---------------------------------------------------

: > "$folder/expected"
expect 'no input at all' < /dev/null
printf '\n\n \n\t\n\r\n   \t  \n' | expect 'empty lines do nothing'

printf 'a on\na stopped after 1 blinks\n' > "$folder/expected"
printf '\t blink \t a   9999 \r\nstop a\r\n' | expect 'blanks and CRLF'
printf 'blink a 9999\rstop a\r' | expect 'CR alone'
printf 'blink a 9999\nstop a' | expect 'a last line without a newline'
printf 'blink a 9999' | expect 'a blinker is stopped at the end of the input'
{
    for part in bl 'ink a' ' 99' '99\nst' 'op' ' a'; do
        sleep 0.05
        # shellcheck disable=SC2059
        printf "$part"
    done
} | expect 'a line in pieces'
printf 'blink a 9999\nstop a\n' > "$folder/in"
expect 'a file' < "$folder/in"

printf '%s\n' "error: $unknown: sto" > "$folder/expected"
printf 'sto' | expect 'the end in the middle of a word'

# The shell leaves the others their turns: while a flood of lines comes in, a
# blinker with a short period goes on.
{
    printf 'blink a 1\n'
    yes help | head -n "$lines"
} | timeout 60 "$shell" > "$folder/out" || fail 'a flood: wrong exit status'
[ "$(grep -c '^help$' "$folder/out")" -eq "$lines" ] ||
    fail 'a flood: not every line was answered'
[ "$(grep -c '^a o' "$folder/out")" -gt 2 ] ||
    fail 'a flood: the blinker starved'
[ "$(tail -n 1 "$folder/out" | cut -d' ' -f1-3)" = 'a stopped after' ] ||
    fail 'a flood: the blinker was not stopped'

[ ! -e "$folder/failures" ]
