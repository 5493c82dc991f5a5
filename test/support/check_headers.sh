#!/bin/sh
# Every public header compiles alone.
#
#   check_headers.sh INCLUDE_DIRECTORY COMPILER [FLAG...]
#
# A machine's port header is for compilers to that machine.
set -u

include=$1
shift
failures=0

macros=$("$@" -dM -E - < /dev/null)
has() {
    printf '%s\n' "$macros" | grep -q "^#define $1 "
}

cd "$include" || exit 1
for header in async/*.h async/port/*.h; do
    case $header in
    async/port/posix.h) has __unix__ || has __APPLE__ || continue ;;
    async/port/cortex_m.h) has __ARM_ARCH_PROFILE || continue ;;
    async/port/riscv.h) has __riscv || continue ;;
    async/port/avr.h) has __AVR__ || continue ;;
    esac
    printf '#include "%s"\nint not_empty;\n' "$header" |
        "$@" -I. -c -o /dev/null - ||
        { failures=$((failures + 1)); echo "$header does not compile alone"; }
done

exit $((failures > 0))
