#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run traced.c in the emulator; its trace must tell what it did.

  check_traced.py CONVERTER FIRMWARE EMULATOR...
"""
import os
import re
import subprocess
import sys
import tempfile

WANTED = """
task blinker is spawned with blink
task blinker spawned by what is outside of tasks
task press is spawned with press
task press spawned by what is outside of tasks
task blinker starts blink
task blinker waits at blink
task press starts press
task press waits at press
loop sleeps
loop wakes up
interrupt SysTick begins
interrupt SysTick ends
task press is woken by its timer
task press runs at press
interrupt IRQ 5 begins
task blinker is woken by interrupt IRQ 5
interrupt IRQ 5 ends
task press waits at press
task blinker runs at blink
task blinker mark 7
task blinker ends
loop sleeps
loop wakes up
interrupt SysTick begins
interrupt SysTick ends
task press is woken by its timer
task press runs at press
task press ends
""".strip()


def main(converter, firmware, *emulator):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*emulator, firmware], check=True, cwd=folder,
                       timeout=60, stdin=subprocess.DEVNULL)
        text = subprocess.run(
            [sys.executable, "-B", converter,
             os.path.join(folder, "traced.bin"), firmware], check=True,
            stdout=subprocess.PIPE).stdout.decode()
    print(text)
    times = [float(time) for time in re.findall(r"(?m)^ *(\S+) ms", text)]
    got = re.sub(r" \(line \d+\)| *$", "", re.sub(
        r"(?m)^ *\S+ ms  ", "", text), flags=re.M)
    got = re.sub(r"(?m)^ +", "", re.sub(r" +", " ", got)).strip()
    if got != WANTED:
        print("expected:\n" + WANTED)
        return 1
    slept = times[9] - times[8]
    if sorted(times) != times or not 1.9 < slept < 3.1:
        print("the first sleep takes 2 to 3 ms, not %s" % slept)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
