#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Check the models of this directory with Spin: those that are right must hold,
# those that are broken must not.
#
#   check_models.sh [directory to work in]
#
# Needs spin and a C compiler. Two at a time; about 15 seconds.
set -eu

models="
holds  wake_sleep  WFI
holds  wake_sleep  WFI      STOP
holds  wake_sleep  BASEPRI
holds  wake_sleep  AVR
holds  wake_sleep  THREAD
holds  wake_sleep  THREAD   STOP
breaks wake_sleep  WFI      BROKEN_LOOK_BEFORE_LOCK
breaks wake_sleep  WFI      BROKEN_SLEEP_AFTER_UNLOCK
breaks wake_sleep  WFI      BROKEN_MASKED_SLEEP
breaks wake_sleep  WFI      BROKEN_TAKE_WITHOUT_LOCK
breaks wake_sleep  WFI      BROKEN_WAIT_WITHOUT_LOCK
breaks wake_sleep  WFI      BROKEN_ALARM_NOT_LOOKED_AT
breaks wake_sleep  WFI      STOP BROKEN_STOP_NOT_LOOKED_AT
breaks wake_sleep  BASEPRI  BROKEN_BASEPRI_STAYS
breaks wake_sleep  AVR      BROKEN_SEI_TOO_EARLY
breaks wake_sleep  THREAD   BROKEN_SEMAPHORE_CLEARED_LATE
breaks wake_sleep  THREAD   STOP BROKEN_STOP_DOES_NOT_PEND
holds  priorities
breaks priorities  BROKEN_NO_PEND
breaks priorities  BROKEN_PEND_FIRST
breaks priorities  BROKEN_CLEARED_LATE
"

# In a directory of its own: expected, model, definitions. One line of result.
check_one() {
    expected=$1
    model=$2
    shift 2
    name="$model $*"
    directory="$work/$(echo "$name" | tr ' ' '-')"
    mkdir -p "$directory"
    cd "$directory"
    set -- $(printf -- '-D%s ' "$@" | sed 's/-D $//')
    spin -a "$@" "$here/$model.pml" > spin.log
    optimise=-O0 # a counterexample is found before the compiler had been done
    [ "$expected" = breaks ] || optimise=-O1
    ${CC:-cc} $optimise -w -o pan pan.c
    ./pan -a -f -m100000 > pan.log
    found=unknown
    if grep -q 'errors: 0' pan.log && ! grep -q 'depth too small' pan.log; then
        found=holds
    elif grep -q 'acceptance cycle' pan.log; then
        found=breaks
    fi
    if [ "$found" = "$expected" ]; then
        echo "ok: $name $found"
    else
        echo "FAILED: $name: expected that it $expected, found: $found"
        return 1
    fi
}

if [ "${1:-}" = --one ]; then
    here=$2
    work=$3
    shift 3
    check_one "$@"
    exit
fi

here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
rm -rf "$work/wake_sleep"* "$work/priorities"*
mkdir -p "$work"
work=$(cd "$work" && pwd)
models=$(echo "$models" | sed '/^ *$/d')
echo "$models" |
    xargs -P 2 -L 1 sh "$here/check_models.sh" --one "$here" "$work"
echo "all $(echo "$models" | grep -c .) models as expected"
