#!/bin/sh
# Build and run all tests: with gcc, with clang, with sanitizers, under
# valgrind, on emulated microcontrollers; measure the coverage; check the format.
# Exits with 0 if all is well.
#
# On Debian and Ubuntu it installs the packages it needs and does not find; for
# that it runs as root, or with sudo.
set -u

cd "$(dirname "$0")" || exit 1
log=build/run.log
passed=0
failed=0

# --- Tools ------------------------------------------------------------------

# A program, and the package that has it.
needed='
    cmake cmake
    ninja ninja-build
    gcc gcc
    g++ g++
    clang clang
    clang++ clang
    clang-format clang-format
    arm-none-eabi-gcc gcc-arm-none-eabi
    riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
    avr-gcc gcc-avr
    qemu-system-arm qemu-system-arm
    qemu-system-riscv32 qemu-system-misc
    spin spin
    valgrind valgrind
    gcovr gcovr
    gdb gdb
    gdb-multiarch gdb-multiarch
    python3 python3'

# A file, and the package that has it.
needed_files='
    /usr/include/cmocka.h libcmocka-dev
    /usr/lib/picolibc/arm-none-eabi/picolibc.specs picolibc-arm-none-eabi
    /usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs picolibc-riscv64-unknown-elf
    /usr/lib/avr/include/avr/io.h avr-libc
    /usr/include/simavr/sim_avr.h libsimavr-dev
    /usr/include/libelf.h libelf-dev'

missing_packages() {
    echo "$needed" | while read -r program package; do
        [ -z "$program" ] || command -v "$program" > /dev/null || echo "$package"
    done
    echo "$needed_files" | while read -r file package; do
        [ -z "$file" ] || [ -e "$file" ] || echo "$package"
    done
}

install_packages() {
    packages=$(missing_packages | sort -u | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    echo "installing: $packages"
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    # shellcheck disable=SC2086 # a list
    $as_root apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
            --no-install-recommends $packages > /dev/null
}

# --- Steps ------------------------------------------------------------------

# step TEXT COMMAND...: run it, and count it.
step() {
    text=$1
    shift
    if "$@" > "$log" 2>&1; then
        passed=$((passed + 1))
        echo "passed: $text"
    else
        failed=$((failed + 1))
        cat "$log"
        echo "FAILED: $text"
        return 1
    fi
}

# The line "95% tests passed, 3 tests failed out of 60".
count_tests() {
    summary=$(grep -E '^[0-9]+% tests passed' "$log" | tail -n 1)
    bad=$(echo "$summary" | sed 's/.*passed, \([0-9]*\) tests* failed.*/\1/')
    all=$(echo "$summary" | sed 's/.*out of \([0-9]*\).*/\1/')
    if [ -z "$summary" ] || [ "$all" -eq 0 ]; then
        bad=1 all=1
    fi
    passed=$((passed + all - bad))
    failed=$((failed + bad))
    echo "$1: $((all - bad)) of $all tests passed"
    [ "$bad" -eq 0 ]
}

# Configure, build and test one preset.
run_preset() {
    step "build $1" build_preset "$1" || return 1
    ctest --preset "$1" > "$log" 2>&1
    count_tests "$1" || cat "$log"
}

build_preset() {
    cmake --preset "$1" -DASYNC_TESTS_REQUIRED=ON \
        -DASYNC_TESTS_SLOW=ON && cmake --build --preset "$1"
}

coverage() {
    gcovr --root .. --filter ../src/ --filter ../include/ --fail-under-line 95 \
        build/coverage
}

mutants() {
    python3 mutants/mutants.py --cc gcc
}

formatted() {
    find ../include ../src ../test ../docs -name '*.[ch]' |
        grep -v -e '^../test/compile_fail/' -e '^../test/build/' |
        xargs clang-format --dry-run -Werror
}

# ----------------------------------------------------------------------------

mkdir -p build
install_packages || { echo "the packages cannot be installed"; exit 1; }
export CMAKE_GENERATOR=Ninja
CTEST_PARALLEL_LEVEL=$(nproc)
export CTEST_PARALLEL_LEVEL

rm -rf build/coverage
run_preset host
run_preset host-clang
run_preset asan
for machine in cortex_m0 cortex_m3 cortex_m33 rv32 avr; do
    run_preset $machine
done
run_preset coverage && step "coverage of src/ and include/ is 95 % or more" coverage
[ ! -e build/coverage ] || grep -E '^TOTAL' "$log"
step "each mutant is noticed by a test" mutants
step "clang-format" formatted

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
