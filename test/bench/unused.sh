#!/bin/sh
# Pay for what you use: which object files a firmware carries, by the linker's
# map.
#
#   unused.sh [CC]    print them; status 1 if they are not the expected ones
#
# CC: a gcc or clang for this PC or for a Cortex-M; without it
# arm-none-eabi-gcc, else $CC, else cc. The library is an archive of the sources
# that CMakeLists.txt lists, as a user links it. Three firmwares: one with loop,
# sleep and event, and two that use one thing more, whose objects must appear;
# so a list that never changes fails.
# Status 77: the compiler or its C library is missing.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT
failures=0

cc=${1:-}
if [ -z "$cc" ]; then
    cc=arm-none-eabi-gcc
    command -v $cc > /dev/null || cc=${CC:-cc}
fi

# --- What is expected --------------------------------------------------------

# Loop, sleep and event; ticker.c, queue.c and so on are missing on purpose.
base='core.o coroutine.o event.o loop.o report.o task.o time.o timer.o'
# Simulated interrupts, descriptors that may fail; reports as text.
text='text.o describe.o describe_wait.o look.o writer.o'
on_pc="posix.o interrupted.o unwind.o print.o $text"

# --- The firmware ------------------------------------------------------------

cat > "$folder/firmware.c" << 'FIRMWARE'
#include <async/async.h>

static volatile async_time_t milliseconds;
static volatile unsigned led;
static async_event_t button;
static async_loop_t loop;
static async_task_t task;

void tick_interrupt(void);
void tick_interrupt(void)
{
    milliseconds++;
}

void button_interrupt(void);
void button_interrupt(void)
{
    async_event_set(&button);
}

static async_time_t now(async_clock_t *clock)
{
    (void)clock;
    return milliseconds;
}

static bool sleep(async_clock_t *clock, const async_time_t *deadline,
                  bool polling)
{
    (void)clock;
    (void)deadline;
    (void)polling;
    return true;
}

#ifdef USE_LOCK
static async_lock_t lock;
#endif
#ifdef USE_QUEUE
static ASYNC_QUEUE(unsigned, 4) presses = ASYNC_QUEUE_INIT(presses);
#endif

struct blink {
    ASYNC_FRAME;
    async_with_t guard;
    unsigned press;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        led ^= 1U;
        AWAIT(async_sleep(ASYNC_MS(500)));
        AWAIT(async_event_wait(&button));
        async_event_clear(&button);
#ifdef USE_LOCK
        ASYNC_WITH_LOCK(&self->guard, &lock) {
            led = 0;
        }
#endif
#ifdef USE_QUEUE
        AWAIT_PUT(&presses, &self->press);
#endif
    }
    ASYNC_END();
}

static struct blink blink = ASYNC_CALL_INIT(blink);

int main(void)
{
    static const async_clock_ops_t ops = {.now = now, .sleep = sleep};
    static async_clock_t clock = {&ops};
    async_loop_init(&loop, &clock);
    async_spawn(&loop, &task, &blink.coro);
    return async_run_forever(&loop);
}
FIRMWARE

# --- Build -------------------------------------------------------------------

flags='-std=c11 -Os'
compile() {
    # shellcheck disable=SC2086 # a list
    "$cc" $flags "$@"
}

skip() {
    echo "skipped: $1"
    exit 77
}

command -v "$cc" > /dev/null || skip "no $cc"
macros=$("$cc" -dM -E -x c /dev/null) || exit 1
archiver='ar'
case $macros in
*__APPLE__*)
    skip 'no map file from this linker'
    ;;
*__unix__*)
    memory=
    port=src/port/posix.c
    base="$base $on_pc"
    ;;
*)
    flags="$flags -mcpu=cortex-m0plus -mthumb"
    archiver=arm-none-eabi-ar
    echo '#include <stdio.h>' > "$folder/stdio.c"
    # picolibc, where it is installed apart from the compiler
    compile -c "$folder/stdio.c" -o "$folder/stdio.o" 2> /dev/null ||
        flags="$flags --specs=picolibc.specs"
    compile -c "$folder/stdio.c" -o "$folder/stdio.o" 2> /dev/null ||
        skip "no C library for $cc"
    # Where the memory is, for picolibc's linker script.
    memory=-Wl,--defsym=__flash=0,--defsym=__flash_size=0x8000
    memory=$memory,--defsym=__ram=0x20000000,--defsym=__ram_size=0x1000
    memory=$memory,--defsym=__stack_size=0x200
    port=
    ;;
esac

# The sources between "add_library(async STATIC" and its closing bracket.
sources=$(sed -n '/^add_library(async STATIC/,/)/p' "$root/CMakeLists.txt" |
    grep -o 'src/[a-z0-9_]*\.c')
[ "$(echo "$sources" | wc -l)" -gt 10 ] || {
    echo 'no list of sources in CMakeLists.txt'
    exit 1
}
mkdir "$folder/objects"
for source in $sources $port; do
    compile -I"$root/include" -c "$root/$source" \
        -o "$folder/objects/$(basename "$source" .c).o" || exit 1
done
$archiver rcs "$folder/libasync.a" "$folder"/objects/*.o || exit 1

# --- Look --------------------------------------------------------------------

# members OPTION...: of the archive that a firmware links, one a line.
members() {
    rm -f "$folder/map"
    compile "$@" -I"$root/include" "$folder/firmware.c" "$folder/libasync.a" \
        $memory "-Wl,-Map=$folder/map" -o "$folder/firmware" || return 1
    grep -o 'libasync\.a([a-z0-9_]*\.o)' "$folder/map" | sort -u |
        sed 's/.*(\(.*\))/\1/'
}

# expect NAME 'OBJECTS' OPTION...
expect() {
    name=$1
    echo "$2" | tr ' ' '\n' | sort -u > "$folder/expected"
    shift 2
    members "$@" > "$folder/got" || {
        failures=$((failures + 1))
        echo "$name: does not link"
        return
    }
    echo "$name: $(tr '\n' ' ' < "$folder/got")"
    for object in $(comm -13 "$folder/expected" "$folder/got"); do
        failures=$((failures + 1))
        echo "$name: carries $object, which it does not use"
    done
    for object in $(comm -23 "$folder/expected" "$folder/got"); do
        failures=$((failures + 1))
        echo "$name: $object is not in the map"
    done
    # On a PC, reports are printed.
    if [ -z "$port" ] && grep -q -e printf -e malloc "$folder/map"; then
        failures=$((failures + 1))
        echo "$name: carries printf or malloc"
    fi
}

export LC_ALL=C
expect 'loop, sleep, event' "$base"
expect 'with a lock' "$base hand.o lock.o scope.o unwind.o with.o" -DUSE_LOCK
expect 'with a queue' "$base hand.o queue.o unwind.o" -DUSE_QUEUE
exit $((failures > 0))
