#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The lock covers what is lost without it: compare two sweeps.
#
#   check_stretch.sh IMAGE IMAGE_WITH_OPEN_LOCK EMULATOR...
#
# Both images have the same instructions but for those that lock, so a step is
# at the same place in both.
set -u
right=$1
open=$2
shift 2

# Steps at the first place, at the second, and lost.
numbers() {
    timeout 60 "$@" < /dev/null 2>&1 |
        sed -n 's/^at the first place //p' | tr -cd '0-9 \n' | tr -s ' '
}

read -r asleep locked none <<END
$(numbers "$@" "$right")
END
read -r awake _ lost <<END
$(numbers "$@" "$open")
END
echo "lost with an open lock: steps $awake to $((awake + lost - 1)); " \
    "with the right one asleep or locked: up to $((asleep + locked - 1))"
[ "$lost" -gt 0 ] && [ "$none" -eq 0 ] &&
    [ $((asleep + locked)) -ge $((awake + lost)) ]
