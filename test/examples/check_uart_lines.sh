#!/bin/sh
# uart_lines: no byte lost below capacity, and every other one counted, however
# the input arrives.
#
#   check_uart_lines.sh UART_LINES
set -u

uart_lines=$1
capacity=128
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT

# Some checks run in a pipeline, where a variable would not outlive them.
fail() {
    printf '%s\n' "$1" | tee -a "$folder/failures"
}

# expect SENTENCE [ARGUMENT]: the program, given standard input, prints
# $folder/expected, says nothing on stderr and ends with status 0.
expect() {
    timeout 60 "$uart_lines" ${2+"$2"} > "$folder/out" 2> "$folder/err"
    status=$?
    [ $status -eq 0 ] || fail "$1: exit status $status"
    cmp "$folder/expected" "$folder/out" || {
        fail "$1: wrong output"
        diff "$folder/expected" "$folder/out" | head -n 10
    }
    [ ! -s "$folder/err" ] || fail "$1: stderr: $(cat "$folder/err")"
}

expected() {
    cat > "$folder/expected"
}

# numbered FILE LOST: expect its lines, none of them too long.
numbered() {
    {
        awk '{ print NR ": " $0 }' "$1"
        echo "$(grep -c '' "$1") lines, $(wc -c < "$1") bytes, $2 lost"
    } | expected
}

# count BYTES: a text of that many bytes, lines of 10.
count() {
    seq -f '%09g' 100000 | head -c "$1"
}

# --- Lines -------------------------------------------------------------------

echo '0 lines, 0 bytes, 0 lost' | expected
expect 'no input at all' < /dev/null

printf '1: hello\n2: world\n3: \n4: last\n4 lines, 18 bytes, 0 lost\n' |
    expected
printf 'hello\nworld\r\n\nlast' | expect 'LF, CRLF, an empty line, none'
printf 'hello\nworld\r\n\nlast' | expect 'the same, all at once' late
printf 'hello\nworld\r\n\nlast' | expect 'the same, slowly' slow

printf '1: \000a\000\n1 lines, 4 bytes, 0 lost\n' | expected
printf '\000a\000\n' | expect 'NUL is a byte like any other'

# --- Lines that are too long -------------------------------------------------

a_line() {
    head -c "$1" /dev/zero | tr '\0' x
}

{
    printf '1: %s\n' "$(a_line 63)"
    printf '2: longer than 64 bytes, dropped\n3: after\n'
    printf '3 lines, 135 bytes, 0 lost\n'
} | expected
printf '%s\n%s\nafter\n' "$(a_line 63)" "$(a_line 64)" |
    expect 'a line of 64 bytes is read, one of 65 is not'

for length in 65 127 128 129 1000; do
    {
        printf '1: before\n2: longer than 64 bytes, dropped\n3: after\n'
        printf '3 lines, %d bytes, 0 lost\n' $((length + 14))
    } | expected
    printf 'before\n%s\nafter\n' "$(a_line $length)" |
        expect "a line of $length characters is dropped"
    {
        printf '1: before\n2: longer than 64 bytes, dropped\n'
        printf '2 lines, %d bytes, 0 lost\n' $((length + 7))
    } | expected
    printf 'before\n%s' "$(a_line $length)" |
        expect "the end in a line of $length characters"
done

# --- Below capacity: nothing is lost -----------------------------------------

count 1000000 > "$folder/in"
numbered "$folder/in" 0
expect 'a hundred thousand lines from a file' < "$folder/in"
# shellcheck disable=SC2002 # a pipe is what is tried
cat "$folder/in" | expect 'a hundred thousand lines from a pipe'

yes '' | head -n 20000 > "$folder/in"
numbered "$folder/in" 0
expect 'lines of one byte' < "$folder/in"

for size in 1 15 16 17 $((capacity - 1)) $capacity; do
    count "$size" > "$folder/in"
    numbered "$folder/in" 0
    expect "$size bytes" < "$folder/in"
    expect "$size bytes, all at once" late < "$folder/in"
done

# A slow writer, in pieces that are not lines.
slowly() {
    for part in he 'llo
wor' 'ld
' 'la' st; do
        sleep 0.05
        printf '%s' "$part"
    done
}
printf '1: hello\n2: world\n3: last\n3 lines, 16 bytes, 0 lost\n' | expected
slowly | expect 'a slow writer'
slowly | expect 'a slow writer and a slow reader' slow
slowly | expect 'a slow writer and a late reader' late

# --- Above capacity: what is lost is counted ---------------------------------

for size in $((capacity + 1)) 150 1000 12345; do
    count "$size" > "$folder/in"
    head -c $capacity "$folder/in" > "$folder/kept"
    numbered "$folder/kept" $((size - capacity))
    expect "$size bytes for a late reader" late < "$folder/in"
    # shellcheck disable=SC2002
    cat "$folder/in" | expect "$size bytes in a pipe, for a late reader" late
done

# How many a slow reader loses depends on the machine, but not the sum. What is
# kept begins as the input does.
count 2000 > "$folder/in"
timeout 60 "$uart_lines" slow < "$folder/in" > "$folder/out" ||
    fail 'a slow reader: exit status'
# shellcheck disable=SC2046 # words are what is wanted
set -- $(tail -n 1 "$folder/out" | tr -d ,)
if [ "$#" -ne 6 ] || [ $(($3 + $5)) -ne 2000 ] || [ "$5" -eq 0 ]; then
    fail "a slow reader: $*"
fi
[ "$(head -n 1 "$folder/out")" = '1: 000000001' ] ||
    fail 'a slow reader: wrong beginning'

# --- On a terminal -----------------------------------------------------------

# What the program prints on a terminal that does not echo, CR taken away. The
# pause lets it set up before the input comes.
on_terminal() {
    { sleep 0.5; cat; } |
        timeout 60 script -qec "stty -echo; exec '$uart_lines'" /dev/null |
        tr -d '\r'
}

# expect_terminal SENTENCE EXPECTED GOT, both without newlines at the end
expect_terminal() {
    [ "$2" = "$3" ] || fail "$1: expected
$2
got
$3"
}

if script -qec true /dev/null < /dev/null > /dev/null 2>&1; then
    expect_terminal 'lines on a terminal' '1: hello
2: world
2 lines, 12 bytes, 0 lost' "$(printf 'hello\nworld\n\004' | on_terminal)"
    expect_terminal 'the end of input in a line on a terminal' '1: hello
1 lines, 5 bytes, 0 lost' "$(printf 'hello\004\004' | on_terminal)"
    expect_terminal 'many lines on a terminal' "$(count 1000 |
        awk '{ print NR ": " $0 } END { print "100 lines, 1000 bytes, 0 lost" }'
    )" "$({ count 1000; printf '\004'; } | on_terminal)"
else
    echo 'no script(1) with -e and -c: not tried on a terminal'
fi

# --- Wrong arguments ---------------------------------------------------------

"$uart_lines" never < /dev/null > "$folder/out" 2>&1 &&
    fail 'a wrong argument is accepted'
grep -q '^usage: ' "$folder/out" || fail 'a wrong argument: no usage'

[ ! -e "$folder/failures" ]
