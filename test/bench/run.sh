#!/bin/sh
# What the basic operations cost, in instructions.
#
#   run.sh          print a table of all workloads
#   run.sh depth    only resumes under awaits; status 1 if depth costs anything
#
# Compiler: $CC, else cc; -O2, no link-time optimisation, on the virtual clock.
# callgrind counts the instructions of two run lengths; their difference by the
# operations between them is exact, whatever else the machine does.
# Status 77: valgrind is missing.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
short=2000
long=12000
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT

command -v valgrind > /dev/null || { echo 'skipped: no valgrind'; exit 77; }

"${CC:-cc}" -std=c11 -O2 -fno-lto -I"$root/include" -I"$root/src" \
    -o "$folder/bench" "$here"/*.c "$root"/src/*.c "$root"/src/port/posix.c ||
    exit 1

# instructions WORKLOAD N OPERATIONS: of the whole run.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$folder/bench" "$@" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# cost WORKLOAD N: instructions per operation, with one decimal.
cost() {
    few=$(instructions "$1" "$2" $short)
    many=$(instructions "$1" "$2" $long)
    if [ -z "$few" ] || [ -z "$many" ]; then
        echo "no count for $1 $2" >&2
        return 1
    fi
    awk "BEGIN { printf \"%.1f\", ($many - $few) / ($long - $short) }"
}

row() {
    value=$(cost "$1" "$2") || exit 1
    echo "| $3 | $value |"
}

depth_is_free() {
    d1=$(cost depth 1) && d4=$(cost depth 4) && d16=$(cost depth 16) || exit 1
    echo "| resume under 1 await | $d1 |"
    echo "| resume under 4 awaits | $d4 |"
    echo "| resume under 16 awaits | $d16 |"
    awk "BEGIN { exit !($d4 - $d1 <= 0.5 && $d1 - $d4 <= 0.5 &&
                        $d16 - $d1 <= 0.5 && $d1 - $d16 <= 0.5) }" || {
        echo 'the cost of a resume depends on the await depth'
        return 1
    }
}

echo '| operation | instructions |'
echo '|---|--:|'
[ "${1-}" = depth ] && { depth_is_free; exit; }
row yield 2 'resume of a task that yields, 2 tasks'
row yield 100 'resume of a task that yields, 100 tasks'
depth_is_free || exit 1
row ping 2 'round trip of two tasks over two events'
row wake 10 'wake one of 10 tasks, a round of the loop included'
row wake 1000 'wake one of 1000 tasks, a round of the loop included'
row sleep 10 'end of one of 10 sleeps'
row sleep 1000 'end of one of 1000 sleeps'
row call 1 'call of a coroutine that does not pause'
