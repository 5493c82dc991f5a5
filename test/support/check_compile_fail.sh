#!/bin/sh
# A mistake must not compile, and the compiler must say why; the correct twin
# in the same file, under CORRECT, must compile without a word.
#
#   check_compile_fail.sh gcc|clang SOURCE COMPILER [FLAG...]
#
# Comments at the top of SOURCE say what to expect and how to compile. A key
# followed by a family, as in `EXPECT gcc:`, is for that family alone.
#
#   EXPECT: pattern   the message, as grep -E knows it
#   FLAGS: flag...    one run for each such line
#   STRICT: value...  1: with ASYNC_STRICT=1 it is a warning
#                     0: with ASYNC_STRICT=0 nothing is said
set -u

family=$1
source=$2
shift 2
failures=0

values() {
    sed -n "s|^/\* $1\( $family\)\{0,1\}: *\([^ ].*\)\{0,1\} \*/\$|\2|p" "$source"
}

compile() {
    LC_ALL=C "$@" -c "$source" -o /dev/null 2>&1
}

fail() {
    failures=$((failures + 1))
    printf '%s: %s\n%s\n' "$source" "$1" "$output"
}

says() {
    printf '%s\n' "$output" | grep -Eq "$1: .*($expected)"
}

# The flags in the variables below are lists.
# shellcheck disable=SC2086
check_correct() {
    correct='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef
        -Wmissing-prototypes -Werror'
    for level in -O0 -O2 -Os; do
        if ! output=$(compile "$@" $correct $level -DCORRECT) ||
            [ -n "$output" ]; then
            fail "the correct twin does not compile silently ($level)"
        fi
    done
}

# shellcheck disable=SC2086
check_wrong() {
    output=$(compile "$@" $flags) && fail "compiles ($flags)"
    says error || fail "no error '$expected' ($flags)"
    for strict in $stricts; do
        output=$(compile "$@" $flags -DASYNC_STRICT=$strict) ||
            fail "does not compile with ASYNC_STRICT=$strict ($flags)"
        case $strict in
        0) [ -z "$output" ] || fail "not silent with ASYNC_STRICT=0 ($flags)" ;;
        1) says warning || fail "no warning '$expected' ($flags)" ;;
        esac
    done
}

expected=$(values EXPECT)
stricts=$(values STRICT)
output=
[ -n "$expected" ] || fail "has no EXPECT for $family"
[ -n "$(values FLAGS | sed 's/^/x/')" ] || fail "has no FLAGS for $family"

check_correct "$@"
while read -r flags; do
    check_wrong "$@"
done <<FLAGS
$(values FLAGS)
FLAGS

exit $((failures > 0))
