#!/bin/sh
# What objects and code take, in bytes.
#
#   sizes.sh    print two tables; status 1 if a 32-bit object is over its limit
#
# Compilers: $CC, else cc, for this PC, and arm-none-eabi-gcc for a Cortex-M0+.
# Status 77: there is no arm-none-eabi-gcc.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT

# picolibc, where it is installed apart from the compiler
specs=
arm() {
    # shellcheck disable=SC2086 # nothing, or one argument
    arm-none-eabi-gcc $specs -mcpu=cortex-m0plus -mthumb -std=c11 -Os \
        -I"$root/include" -I"$root/src" "$@"
}

command -v arm-none-eabi-gcc > /dev/null || {
    echo 'skipped: no arm-none-eabi-gcc'
    exit 77
}
echo '#include <stdio.h>' > "$folder/stdio.c"
arm -c "$folder/stdio.c" -o "$folder/stdio.o" 2> /dev/null ||
    specs=--specs=picolibc.specs

arm -c "$here/sizes.c" -o "$folder/arm.o" || exit 1
"${CC:-cc}" -std=c11 -I"$root/include" -c "$here/sizes.c" -o "$folder/pc.o" ||
    exit 1

# size FILE NAME: of the type, from the symbol table.
size() {
    nm -S -t d "$1" |
        awk -v name="size_of_$2" '$4 == name { print $2 + 0 }'
}

echo '| object | Cortex-M0+ | PC, 64 bits |'
echo '|---|--:|--:|'
for name in task frame task_and_root_frame event ticker timeout try loop; do
    echo "| $(echo $name | tr _ ' ') | $(size "$folder/arm.o" $name) |" \
        "$(size "$folder/pc.o" $name) |"
done

echo
echo '| source | text on Cortex-M0+, -Os |'
echo '|---|--:|'
total=0
for source in "$root"/src/*.c; do
    arm -ffunction-sections -c "$source" -o "$folder/text.o" || exit 1
    text=$(arm-none-eabi-size "$folder/text.o" | awk 'NR == 2 { print $1 }')
    echo "| $(basename "$source") | $text |"
    total=$((total + text))
done
echo "| all | $total |"

# at_most NAME LIMIT
failures=0
at_most() {
    bytes=$(size "$folder/arm.o" "$1")
    if [ -z "$bytes" ] || [ "$bytes" -gt "$2" ]; then
        failures=$((failures + 1))
        echo "$1: ${bytes:-no} bytes on Cortex-M0+, at most $2 expected"
    fi
}

at_most task_and_root_frame 48
at_most frame 12
exit $((failures > 0))
