# SPDX-License-Identifier: MIT
"""Run the measured firmware, and count what its sections do (measure.h).

In QEMU, each instruction is one line of a log; simavr counts cycles.
"""
import os
import re
import subprocess

from build import HERE, Missing, call

MARKS = ("mark_begin", "mark_end", "mark_asleep", "mark_awake")
BEGIN, END, ASLEEP, AWAKE, LOCK, UNLOCK = range(6)
LOCKS = r"\t(cpsid\ti|csrr?ci?\t.*mstatus)"
UNLOCKS = r"\t(cpsie\ti|msr\t(PRIMASK|primask)|csrr?si?\t(\w+,)?mstatus)"


class Section:
    def __init__(self, name, n):
        self.name, self.n = name, n
        self.length = self.longest = self.stack = 0
        self.where = None


def addresses(target, elf):
    found = {}
    for line in target.tool("nm", elf).splitlines():
        *address, _, name = line.split()
        if name in MARKS:
            found[name] = int(address[0], 16)
    return [found[name] for name in MARKS]


def kinds(target, elf):
    """What is special about instructions: address -> BEGIN ... UNLOCK."""
    special = {}
    for line in target.tool("objdump", "-d", elf).splitlines():
        match = re.match(r"\s*([0-9a-f]+):\t", line)
        if match and re.search(LOCKS, line):
            special[int(match.group(1), 16)] = LOCK
        elif match and re.search(UNLOCKS, line):
            special[int(match.group(1), 16)] = UNLOCK
    for kind, address in enumerate(addresses(target, elf)):
        special[address] = kind
    return special


class Tracer:
    """Follows the log of instructions."""

    def __init__(self, special):
        # As the log writes them.
        self.special = {b"%08x" % address: (kind, address)
                        for address, kind in special.items()}
        self.sections = []
        self.count = self.begin = self.depth = self.locked = 0
        self.inside = False # of a section

    def opened(self):
        section = self.sections[-1]
        if self.count - self.locked > section.longest:
            section.longest = self.count - self.locked
            section.where = self.where

    def follow(self, lines):
        """True if the firmware came to its end. Millions of lines: short."""
        ended = False
        for line in lines:
            if line.startswith(b"Trace"):
                self.count += 1
                kind = self.special.get(line.split(b"/", 2)[1])
                if kind is not None:
                    self.instruction(*kind)
            elif line.startswith(b"Stopped"):
                self.count -= 1
            elif announced(line.decode(), self.sections):
                ended = line.startswith(b"!end")
        return ended

    def instruction(self, kind, address):
        if kind == BEGIN:
            self.begin, self.depth, self.inside = self.count, 0, True
        elif self.inside:
            self.inside_section(kind, address)

    def inside_section(self, kind, address):
        if kind == LOCK:
            self.depth += 1
            if self.depth == 1:
                self.locked, self.where = self.count, address
        elif kind == UNLOCK:
            self.depth -= 1
            if self.depth == 0:
                self.opened()
        elif kind == END:
            self.inside = False
            if self.depth != 0:
                raise RuntimeError("%s: locks %d times more than it unlocks"
                                   % (self.sections[-1].name, self.depth))
            self.sections[-1].length = self.count - self.begin
        elif kind == ASLEEP:
            self.opened()
        elif kind == AWAKE:
            self.locked = self.count


def announced(line, sections):
    """True for a line that the firmware wrote."""
    if line.startswith("#"):
        name, n = line[1:].rsplit("|", 1)
        if name in ("!report", "!failed at line"):
            raise RuntimeError("after %s: %s %s" % (sections[-1].name, name, n))
        sections.append(Section(name, int(n)))
    elif line.startswith("="):
        sections[-1].stack = int(line.rsplit("|", 1)[1])
    else:
        return line.startswith("!end")
    return True


def run_qemu(target, elf):
    tracer = Tracer(kinds(target, elf))
    with subprocess.Popen(["timeout", "100", *target.emulator, elf],
                          stderr=subprocess.PIPE, bufsize=1 << 20,
                          stdin=subprocess.DEVNULL) as process:
        ended = tracer.follow(process.stderr)
    if not ended:
        raise RuntimeError("%s: the firmware did not end" % target.name)
    return tracer.sections


def run_simavr(target, elf):
    tracer = os.path.join(target.folder, "trace_avr")
    try:
        call(["cc", "-O2", "-isystem", "/usr/include/simavr",
              os.path.join(HERE, "trace_avr.c"), "-o", tracer, "-lsimavr",
              "-lelf"])
    except RuntimeError:
        raise Missing("libsimavr")
    marks = ["%x" % address for address in addresses(target, elf)]
    sections = []
    for line in call(["timeout", "100", tracer, elf, *marks]).splitlines():
        numbers = line.split()
        if not announced(line, sections) and len(numbers) == 4:
            one = sections[-1]
            one.length, one.longest = int(numbers[0]), int(numbers[1])
            one.where, one.stack = int(numbers[2], 16), int(numbers[3])
    return sections


def named(target, elf, sections):
    """Where the longest times begin, as functions of the program."""
    wanted = sorted({one.where for one in sections if one.where is not None})
    lines = target.tool("addr2line", "-f", "-e", elf,
                        *["%x" % one for one in wanted]).splitlines()[::2]
    names = dict(zip(wanted, lines))
    for one in sections:
        one.where = names.get(one.where)


def measure(target):
    elf = target.program()
    sections = (run_simavr if target.is_avr else run_qemu)(target, elf)
    named(target, elf, sections)
    empty = sections[0]
    for one in sections:
        one.length -= empty.length
        one.stack -= empty.stack
    return sections[1:]
