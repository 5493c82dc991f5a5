#!/bin/bash
# usage: sz.sh [-v]
R=/tmp/core; O=/tmp/core-sz; mkdir -p $O
CPU="-mcpu=${CPU:-cortex-m0plus}"
F="$X --specs=picolibc.specs $CPU -mthumb -std=c11 ${O_:--Os} -ffunction-sections -fdata-sections -I$R/include -I$R/src -DASYNC_DIAGNOSTICS=${D:-1}"
rm -f $O/*.o $O/*.a
for f in $R/src/*.c; do arm-none-eabi-gcc $F -c $f -o $O/$(basename $f .c).o || exit 1; done
arm-none-eabi-gcc-ar rcs $O/liba.a $O/*.o
P=${P:-$R/test/bench/blink/blink.c}
arm-none-eabi-gcc $CPU -mthumb -nostartfiles -nostdlib $F $P $O/liba.a -lgcc -lc -Wl,--gc-sections -T $R/test/bench/blink/blink.ld -Wl,-Map=$O/map -o $O/blink.elf 2>&1 | grep -v warning
arm-none-eabi-size $O/blink.elf
[ "$1" = -v ] && arm-none-eabi-nm -S --size-sort -t d $O/blink.elf | awk '{print $2+0, $3, $4}' | sort -rn
