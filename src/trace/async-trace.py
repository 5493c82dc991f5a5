#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make a timeline of a trace of libasync (async/trace.h).

  async-trace.py [--text] [--json FILE] [--svg FILE] TRACE [PROGRAM]

TRACE is an image of the ring: what a debugger or the program itself has
written to a file, or any dump of memory that has the ring in it. Or it is a
stream of what async_trace_read gave, and may be a device or - (the standard
input): it is read until its end, or Ctrl-C.

PROGRAM is the ELF file that ran, or what nm says of it. Without it, tasks and
coroutines have numbers instead of names.

  --text         a line for each record (the default, if nothing else is asked)
  --json FILE    Chrome's trace format, for ui.perfetto.dev, chrome://tracing
  --svg FILE     a picture for documents
  --source FILE  C source, whose lines are shown; may be given more than once
  --name K:N=T   call number N of kind K (mark, interrupt) T; more than once
  --from TIME    leave out what was before, as in 195ms, 1.2s, 300us
  --to TIME      and what was after
  --width N      of the picture, in pixels, from 500
  --title TEXT   above the picture

Where a FILE to be written is -, it is the standard output.
"""
import argparse
import errno
import json
import math
import os
import re
import struct
import sys
from xml.sax.saxutils import escape


class Unusable(Exception):
    """What was given cannot be used; the text says why."""


# --- The program: names of addresses -----------------------------------------

EM_ARM = 40
UNUSED_BITS = {8: 3, 4: 2, 2: 0}
PAGE = 4096


COROUTINE = "_coroutine_"
MANGLED = re.compile(r"_ZN?[KL]*(?=\d)|_ZZ.*EL?(?=\d)")


def plain(name):
    """The last part of a C++ name; of others, without what an optimiser (or,
    for a static local, the compiler) has added."""
    found, at, last = MANGLED.match(name), 0, None
    while found:
        found = re.compile(r"L?(\d+)").match(name, at or found.end())
        if found:
            at = found.end() + int(found.group(1))
            last = name[found.end():at]
    return last or re.sub(r"(\.(isra|part|constprop|lto_priv|llvm))?\.\d+$",
                          "", name)


class Program:
    """Symbols of an ELF file, or of nm's output; of none, without one."""

    def __init__(self, path=None):
        self.functions, self.objects = [], []  # (address, size, name)
        self.machine, self.files = 0, {}       # files: by address
        self.name = os.path.basename(path) if path else "trace"
        self.by_code, self.anchor = {}, None
        if path is None:
            return
        with open(path, "rb") as file:
            data = file.read()
        if data[:4] == b"\x7fELF":
            self.read_elf(data)
        else:
            self.read_nm(data, path)
        self.find_anchor(path)

    def read_elf(self, data):
        try:
            self.read_symbols(data)
        except (struct.error, IndexError, ValueError, OverflowError):
            raise Unusable("the ELF file is damaged") from None

    def read_symbols(self, data):
        wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
        self.machine = struct.unpack_from(order + "H", data, 18)[0]
        at = 40 if wide else 32
        offset = struct.unpack_from(order + ("Q" if wide else "I"), data,
                                    at)[0]
        size, count = struct.unpack_from(order + "HH", data,
                                         58 if wide else 46)
        form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
        sections = [struct.unpack_from(form, data, offset + i * size)
                    for i in range(count)]
        for section in sections:
            if section[1] == 2:  # SHT_SYMTAB
                names = sections[section[6]]
                self.read_table(data, order, wide, section,
                                data[names[4]:names[4] + names[5]])

    def read_table(self, data, order, wide, section, names):
        form = order + ("IBBHQQ" if wide else "IIIBBH")
        size, file_name = struct.calcsize(form), None
        for at in range(section[4], section[4] + section[5], size):
            if wide:
                name, info, _, where, value, length = struct.unpack_from(
                    form, data, at)
            else:
                name, value, length, info, _, where = struct.unpack_from(
                    form, data, at)
            text = names[name:names.index(b"\0", name)].decode("utf-8",
                                                               "replace")
            if info & 15 == 4:  # STT_FILE: of the local symbols behind it
                file_name = text
            elif where != 0:
                self.add(info & 15, value, length, text,
                         file_name if info >> 4 == 0 else None)

    def add(self, kind, value, length, name, file_name):
        if self.machine == EM_ARM and kind == 2:
            value &= ~1
        if kind == 2:
            self.functions.append((value, length, plain(name)))
            if file_name:
                self.files[value] = file_name
        elif kind == 1:
            self.objects.append((value, length, plain(name)))

    def read_nm(self, data, path):
        lines = data.decode("utf-8", "replace").split("\n")
        for line in lines:
            found = re.match(r"([0-9a-fA-F]+)(?:\s+([0-9a-fA-F]+))?\s+"
                             r"([A-Za-z])\s+_?(\S+)$", line)
            if found:
                value, length, kind, name = found.groups()
                code = kind in "tTwW"
                if not code or name.startswith("Z"):  # of C++
                    name = line.split()[-1]
                (self.functions if code else self.objects).append(
                    (int(value, 16), int(length or "0", 16), plain(name)))
        if not self.functions:
            raise Unusable("%s is neither an ELF file nor what nm prints"
                           % path)

    def find_anchor(self, path):
        """What all code is counted from."""
        for value, _, name in self.functions:
            if name == "async_trace_start_":
                self.anchor = value
                return
        stripped = not self.functions
        raise Unusable(
            "%s has no %s" % (path, "symbols (was it stripped?)" if stripped
                              else "async_trace_start_: it does not trace, or "
                              "is another program"))

    # What is in the records, once the head says how addresses are shortened.

    def load(self, head):
        self.shift = UNUSED_BITS[head.pointer_size]
        self.pointer_size = head.pointer_size
        self.moved = 0
        if self.anchor is None:
            return
        # A function's address counts words on an AVR, but not in the ELF file.
        per = 2 if self.pointer_size == 2 else 1
        runs_at = head.anchor & (~1 if self.machine == EM_ARM else ~0)
        if head.anchor:
            self.moved = (runs_at - self.anchor // per) & 0xFFFFFFFF
        twins = self.twins()
        for value, _, name in self.functions:
            code = ((value - self.anchor) // per >> self.shift) & 0xFFFF
            if name in twins and value in self.files:
                name = "%s%s (%s)" % (name[:-len(COROUTINE)], COROUTINE,
                                      self.files[value])
            self.by_code.setdefault(code, []).append(name)

    def twins(self):
        """Coroutines of the same name in several files."""
        files = {}
        for value, _, name in self.functions:
            if name.endswith(COROUTINE):
                files.setdefault(name, set()).add(self.files.get(value))
        return {name for name, where in files.items() if len(where) > 1}

    def is_another(self):
        """True if what ran was, for sure, not this program: it may have been
        moved by whole pages, and an AVR has its own way to call far away.
        (What nm says of Thumb code lacks its lowest bit.)"""
        return self.pointer_size > 2 and self.moved & (PAGE - 2) != 0

    def function(self, code):
        """The name of a function, or None; (that of a coroutine's file) if
        there are several."""
        names = self.by_code.get(code, []) if code else []
        for name in names:
            if COROUTINE in name:
                return name.replace(COROUTINE, "")
        return names[0] if names else None

    def task(self, number):
        """The name of a static task, or None."""
        best = None
        for value, length, name in self.objects:
            at = (value + self.moved) & 0xFFFFFFFF
            low = (at >> self.shift) & 0xFFFF
            if low == number and length > 8 * self.pointer_size:
                return name
            inside = ((number - low) & 0xFFFF) << self.shift
            if inside < length and length <= 1 << 16:
                best = "%s+%d" % (name, inside)
        return best


# --- The trace: records ------------------------------------------------------

RUN, WAIT, AGAIN, RAISED = 0x0000, 0x4000, 0x8000, 0xC000
START, AT_FINALLY, AT_END = 2, 3, 4
FIRST_LINE = 5
(SPAWN, READY_BY_TASK, READY_BY_INTERRUPT, READY_BY_TIMER, READY, ENDED,
 FAILED, SLEEP, WAKE_UP, TIME, LOST, MARK, ENTER, EXIT,
 NAME) = range(0xFE10, 0xFE1F)
HELLO, REPORT = 0xFE20, 0xFE40
HELLO_BYTES = b"asynct" + struct.pack("<H", HELLO)
IMAGE, VERSION = b"asyR", 1

REPORTS = """never awaited|error not taken|deadlock|task left|slow step|
ended too soon|not a coroutine|used again|task reused|lost state|scope left|
not in task|not awaited|join|too long|not an error|not taken|not held|
held already|too often|not open|no init|two at once|loop running|
no waker""".replace("\n", "").split("|")

ERRORS = {-200: "ASYNC_ERR_CANCELLED", -201: "ASYNC_ERR_TIMEOUT",
          -202: "ASYNC_ERR_MISUSE", -203: "ASYNC_ERR_DEADLOCK",
          -204: "ASYNC_ERR_FULL", -205: "ASYNC_ERR_EMPTY",
          -206: "ASYNC_ERR_CLOSED", -207: "ASYNC_ERR_BROKEN"}


def error_text(number, pointer_size):
    """Below 35 all C libraries have the same numbers."""
    if number in ERRORS:
        return ERRORS[number]
    known = errno.errorcode.get(-number)
    if known and (-number <= 34 or pointer_size == 8):
        return "%d (-%s)" % (number, known)
    return str(number)


def signed(number):
    return number - 0x10000 if number >= 0x8000 else number


class Head:
    """What a ring's head, or the HELLO of a stream, says."""

    def __init__(self, version, pointer_size, rate, anchor):
        if version != VERSION:
            raise Unusable("the trace has version %d, and this program reads "
                           "version %d" % (version, VERSION))
        if pointer_size not in UNUSED_BITS or rate == 0:
            raise Unusable("the head of the trace is damaged")
        self.pointer_size, self.rate, self.anchor = pointer_size, rate, anchor


class Record:
    __slots__ = ("low", "task", "coro", "what", "time", "shown")

    def __init__(self, low, task, coro, what):
        self.low, self.task, self.coro, self.what = low, task, coro, what
        self.time = None   # in units of the head's rate
        self.shown = None  # in microseconds, no two the same

    @property
    def place(self):
        """The kind and the line of one that has a line."""
        line = self.what & 0x3FFF
        return (self.what & 0xC000, line) if line < 0x3E00 else (None, None)


class Trace:
    """A head, and records with their times; notes says what is missing."""

    def __init__(self, data):
        self.notes, self.end = [], None
        if IMAGE in data and self.read_image(data):
            return
        if HELLO_BYTES in data:
            self.read_stream(data)
            return
        raise Unusable(
            "neither an image of a ring nor a stream: there is no \"asyR\", "
            "and no \"asynct\", in its %d bytes. (Is the ring in the image? "
            "Was async_trace_start called?)" % len(data))

    # An image: head, records; the newest stands before the oldest.

    def read_image(self, data):
        rings, at = [], data.find(IMAGE)
        while at >= 0:
            if self.is_image_at(data, at):
                rings.append(at)
            at = data.find(IMAGE, at + 1)
        if not rings:
            return False
        used = [at for at in rings if any(data[at + 16:at + 20])]
        self.read_image_at(data, (used or rings)[0])
        if len(used) > 1:
            self.notes.append("this is the first of %d rings, which are at "
                              "bytes %s" % (len(used),
                                            ", ".join(map(str, used))))
        return True

    @staticmethod
    def is_image_at(data, at):
        """Else it is there by chance, or a string of the program."""
        if len(data) < at + 32:
            return False
        pointer_size, capacity = struct.unpack_from("<BH", data, at + 5)
        return (8 <= capacity <= 32768 and not capacity & (capacity - 1)
                and pointer_size in UNUSED_BITS)

    def read_image_at(self, data, at):
        (version, pointer_size, capacity, rate, anchor, count,
         last) = struct.unpack_from("<BBHIIII", data, at + 4)
        self.head = Head(version, pointer_size, rate, anchor)
        self.read_ring(data, at + 32, capacity, count)
        if self.records and self.records[-1].what != LOST:
            newest = self.records[-1]
            newest.time = (last + ((newest.low - last) & 0xFFFF)) & 0xFFFFFFFF
        self.set_times()
        return True

    def read_ring(self, data, at, capacity, count):
        there = min(capacity, (len(data) - at) // 8)
        if there < min(count, capacity):
            self.notes.append("the image ends after %d of %d records"
                              % (there, min(count, capacity)))
        # Whoever stopped the machine may have caught it while it overwrote
        # the oldest.
        first = max(0, count - capacity + 1)
        if first:
            self.notes.append("%d older records were overwritten" % first)
        self.records = []
        for number in range(first, count):
            place = number % capacity
            if place < there:
                self.records.append(Record(*struct.unpack_from(
                    "<HHHH", data, at + 8 * place)))
            elif self.records and self.records[-1].what != LOST:
                self.records.append(Record(0, 0, 0, LOST))

    # A stream: it begins anywhere, and bytes may be lost.

    def read_stream(self, data):
        at, self.records, self.head = data.find(HELLO_BYTES), [], None
        if at > 0:
            self.notes.append("%d bytes before the first HELLO left out" % at)
        hellos = self.find_hellos(data, at)
        if not hellos:
            raise Unusable("the stream ends in its first HELLO")
        for here, end in zip(hellos, hellos[1:] + [len(data)]):
            if (end - here) % 8:
                self.notes.append(
                    "bytes are missing before byte %d" % end
                    if end < len(data) else "the last record is cut off")
            self.read_piece(data, here, end, end < len(data))
        self.set_times()

    def find_hellos(self, data, at):
        found = []
        while at >= 0 and at + 24 <= len(data):
            second, third = struct.unpack_from("<6xH6xH", data, at + 8)
            if (second, third) == (HELLO + 1, HELLO + 2):
                found.append(at)
            at = data.find(HELLO_BYTES, at + 8)
        return found

    def read_piece(self, data, at, end, is_followed):
        """Records from a HELLO to the next; if some bytes are missing there,
        nobody knows which."""
        rate, version = struct.unpack_from("<IH", data, at + 8)
        head = Head(version >> 8, version & 255, rate,
                    struct.unpack_from("<I", data, at + 16)[0])
        if self.head is None:
            self.head = head
        elif vars(head) != vars(self.head):
            raise Unusable("the stream is of two programs: cut it at byte %d"
                           % at)
        whole = (end - at) % 8 == 0
        for place in range(at + 24, end - 7, 8):
            record = Record(*struct.unpack_from("<HHHH", data, place))
            if not whole and is_followed and not is_plausible(record):
                break
            self.records.append(record)
        if not whole and is_followed:
            self.records.append(Record(0, 0, 0, LOST))

    # Times: 16 bits of each, and all of some.

    def set_times(self):
        pieces, piece = [], []
        for record in self.records:
            if record.what == LOST and piece:
                pieces.append(piece)
                piece = []
            piece.append(record)
        pieces.append(piece)
        now = None
        for piece in pieces:
            now = self.set_piece(piece, now)
        self.spread()

    def set_piece(self, piece, now):
        """Forwards and backwards from each time that is known in full, then
        from 32 bits to as many as it takes. Returns the last."""
        for at, record in enumerate(piece):
            if record.what == TIME:
                record.time = record.task << 16 | record.low
                if at > 0 and piece[at - 1].what != LOST:
                    before = piece[at - 1]
                    before.time = record.coro << 16 | before.low
        timed = [r for r in piece if r.what != LOST]
        if timed and all(r.time is None for r in timed):
            timed[0].time = ((now or 0) + ((timed[0].low - (now or 0))
                                           & 0xFFFF)) & 0xFFFFFFFF
        for one, other in zip(timed, timed[1:]):
            if one.time is not None and other.time is None:
                other.time = one.time + ((other.low - one.low) & 0xFFFF)
        for one, other in zip(timed[::-1], timed[-2::-1]):
            if other.time is None:
                other.time = one.time - ((one.low - other.low) & 0xFFFF)
        return self.unwrap(piece, timed, now)

    def unwrap(self, piece, timed, now):
        for record in timed:
            low = record.time & 0xFFFFFFFF
            if now is None:
                now = low
            step = (low - now) & 0xFFFFFFFF
            if step > 0xF0000000:
                self.note("time goes back: are there loops with different "
                          "clocks?")
                step = 0
            now += step
            record.time = now
        for record in piece:
            if record.time is None or record.what == LOST:
                record.time = timed[0].time if timed else now or 0
        return now

    def spread(self):
        """Records of the same time are shown a little apart, in their
        order."""
        unit, at = 1e6 / self.head.rate, 0
        while at < len(self.records):
            end = at
            while (end < len(self.records) and
                   self.records[end].time == self.records[at].time):
                end += 1
            apart = min(0.01, unit / (end - at + 1))
            for place in range(at, end):
                record = self.records[place]
                record.shown = record.time * unit + (place - at) * apart
            at = end

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)


def is_plausible(record):
    return (record.what < RAISED + 0x3E00 or SPAWN <= record.what <= NAME
            or REPORT <= record.what < REPORT + 64)


# --- What it means -----------------------------------------------------------

class Span:
    """A time in which a task, the loop or an interrupt is in one state."""

    def __init__(self, kind, start, place=None, line=None):
        self.kind, self.start, self.end = kind, start, None
        self.place, self.line, self.open = place, line, False
        self.note = ""

    @property
    def label(self):
        return place_label(self.place, self.line)


def place_label(place, line):
    if place is None:
        return ""
    if line == START:
        return place
    if line in (AT_FINALLY, AT_END):
        return "%s:end" % place
    return "%s:%s" % (place, line)


class Row:
    """A line of the picture: a task, an interrupt, or the loop."""

    def __init__(self, kind, number):
        self.kind, self.number, self.name = kind, number, None
        self.root, self.static = None, None
        self.spans, self.instants = [], []  # instants: (record, kind, text)
        self.is_woken = False

    def last(self):
        span = self.spans[-1] if self.spans else None
        return span if span is not None and span.end is None else None

    def close(self, record):
        span = self.last()
        if span is not None:
            span.end = record
        return span

    def begin(self, kind, record, place=None, line=None):
        self.close(record)
        self.spans.append(Span(kind, record, place, line))


class Wake:
    """From a row to a task, and the step it leads to."""

    def __init__(self, by, ready, row):
        self.by, self.ready, self.row, self.run = by, ready, row, None
        self.is_inside = by.last() is not None  # a step or a handler of it


class Timeline:
    """Rows, spans and wakes, told by the records one after the other."""

    def __init__(self, trace, program, names):
        self.trace, self.program, self.names = trace, program, names
        self.tasks, self.interrupts, self.loop = {}, {}, Row("loop", 0)
        self.wakes, self.lines, self.pending = [], [], {}
        self.inside = []   # rows that run, the innermost last
        program.load(trace.head)
        if program.is_another():
            trace.note("it is not %s that ran, and names are wrong: there "
                       "async_trace_start_ stands elsewhere" % program.name)
        self.tell_all()
        self.give_names()

    # Words

    def error(self, number):
        return error_text(signed(number), self.trace.head.pointer_size)

    def coroutine(self, code):
        if code == 0:
            return "?"
        return self.program.function(code) or "coroutine 0x%04x" % code

    def task(self, number):
        if number not in self.tasks:
            row = self.tasks[number] = Row("task", number)
            row.static = self.program.task(number)
        return self.tasks[number]

    def interrupt(self, number, handler=0):
        key = (number, handler)
        if key not in self.interrupts:
            row = self.interrupts[key] = Row("interrupt", number)
            row.name = self.interrupt_name(number, handler)
        return self.interrupts[key]

    def interrupt_name(self, number, handler):
        given = self.names.get(("interrupt", number))
        if given:
            return given
        if handler and self.program.function(handler):
            return self.program.function(handler)
        exceptions = {2: "NMI", 3: "HardFault", 11: "SVCall", 14: "PendSV",
                      15: "SysTick"}
        if self.program.machine == EM_ARM and number:
            return exceptions.get(number, "IRQ %d" % (number - 16)
                                  if number > 15 else "exception %d" % number)
        return "interrupt %d" % number if number else "interrupts"

    def give_names(self):
        """A static task by its symbol, others by their coroutine."""
        count = {}
        arrays = {(row.static or "").split("+")[0]
                  for row in self.tasks.values() if "+" in (row.static or "")}
        for row in self.tasks.values():
            static = row.static if row.static and "+" not in row.static \
                and (row.static not in arrays or row.root is None) else None
            row.name = static or row.root or row.static or "task 0x%04x" \
                % row.number
            count.setdefault(row.name, []).append(row)
        for name, rows in count.items():
            if len(rows) > 1:
                for number, row in enumerate(rows, 1):
                    row.name = "%s #%d" % (name, number)

    # One record after the other

    def tell_all(self):
        for record in self.trace.records:
            kind, line = record.place
            if kind is not None:
                self.tell_place(record, kind, line)
            elif REPORT <= record.what < REPORT + 64:
                self.tell_report(record)
            else:
                self.tell_other(record)
        if self.trace.records:
            self.end(self.trace.records[-1])

    def end(self, record):
        for row in self.rows():
            span = row.close(record)
            if span is not None:
                span.open = True

    def say(self, record, row, text, by=None):
        """by: a row whose name, given later, ends the line."""
        self.lines.append((record, row, text, by))

    def tell_place(self, record, kind, line):
        place = self.coroutine(record.coro)
        words = self.at(place, line)
        if kind == RAISED:
            row = self.running()
            text = "raises %s at %s" % (self.error(record.task), words)
            if row is not None:
                row.instants.append((record, "raise", text))
                if row.root is None and line == START:
                    row.root = place
            self.say(record, row, text)
            return
        row = self.task(record.task)
        if kind == RUN:
            self.run(record, row, place, line)
            self.say(record, row, "starts %s" % place if line == START
                     else "runs at %s" % words)
        else:
            self.pause(record, row, place, line, kind == AGAIN)
            self.say(record, row, "%s at %s" % (
                "goes round" if kind == AGAIN else "waits", words))

    @staticmethod
    def at(place, line):
        special = {START: "its start", AT_FINALLY: "its cleanup",
                   AT_END: "its end"}
        return "%s (%s)" % (place, special.get(line, "line %d" % line))

    def run(self, record, row, place, line):
        row.begin("run", record, place, line)
        row.is_woken = False
        self.inside = [one for one in self.inside if one is not row] + [row]
        for wake in self.pending.pop(row.number, []):
            wake.run = record

    def pause(self, record, row, place, line, again):
        row.begin("ready" if again or row.is_woken else "wait", record, place,
                  line)
        self.leave(row)

    def leave(self, row):
        if row in self.inside:
            del self.inside[self.inside.index(row):]

    def running(self):
        tasks = [row for row in self.inside if row.kind == "task"]
        return tasks[-1] if tasks else None

    def tell_report(self, record):
        kind = record.what - REPORT
        known = REPORTS[kind] if kind < len(REPORTS) else "kind %d" % kind
        row = self.task(record.task) if record.task else self.running()
        text = "report: %s" % known
        if record.coro:
            text += ", about %s" % self.coroutine(record.coro)
        (row or self.loop).instants.append((record, "report", text))
        self.say(record, row, text)

    def tell_other(self, record):
        tell = {SPAWN: self.spawn, ENDED: self.ended, FAILED: self.failed,
                SLEEP: self.sleep, WAKE_UP: self.wake_up, LOST: self.lost,
                MARK: self.mark, ENTER: self.enter, EXIT: self.exit,
                NAME: self.is_there, TIME: lambda record: None}
        if READY_BY_TASK <= record.what <= READY:
            self.ready(record)
        elif record.what in tell:
            tell[record.what](record)
        else:
            self.say(record, None, "unknown record 0x%04x: is the trace "
                     "damaged?" % record.what)

    def spawn(self, record):
        row = self.task(record.task)
        row.root = self.coroutine(record.coro)
        row.begin("ready", record, row.root, START)
        row.instants.append((record, "spawn", "is spawned with %s" % row.root))
        self.say(record, row, "is spawned with %s" % row.root)

    def is_there(self, record):
        row = self.task(record.task)
        row.root = self.coroutine(record.coro)
        self.say(record, row, "is a task with %s" % row.root)

    def ready(self, record):
        row = self.task(record.task)
        by, text = self.waker(record)
        span = row.last()
        is_new = bool(self.lines) and self.lines[-1][1] is row and \
            self.lines[-1][0].what == SPAWN
        if span is None or span.kind == "wait":
            place = (span.place, span.line) if span else (None, None)
            row.begin("ready", record, *place)
        elif span.kind == "run":
            row.is_woken = True
        if by is not None:
            self.wakes.append(Wake(by, record, row))
            self.pending.setdefault(row.number, []).append(self.wakes[-1])
        elif is_new:
            text = "by what is outside of tasks"
        self.say(record, row, ("spawned %s" if is_new else "is woken %s")
                 % text, by)

    def waker(self, record):
        """Whose step or handler it was; the innermost knows better than a
        number."""
        if record.what == READY_BY_TASK:
            return self.task(record.coro), "by"
        if record.what == READY_BY_INTERRUPT:
            inner = self.inside[-1] if self.inside else None
            if inner is None or (inner.kind == "task" and record.coro):
                inner = self.interrupt(record.coro)
            return inner, "by"
        return None, "by its timer" if record.what == READY_BY_TIMER \
            else "by the loop, or outside of it"

    def ended(self, record):
        row = self.task(record.task)
        row.root = self.coroutine(record.coro)
        self.done(record, row, "ends")

    def failed(self, record):
        row = self.task(record.task)
        self.done(record, row, "ends with %s" % self.error(record.coro))
        row.instants.append((record, "failed", "ends with %s"
                             % self.error(record.coro)))

    def done(self, record, row, text):
        span = row.close(record)
        if span is not None:
            span.note = text
        row.is_woken = False
        self.leave(row)
        self.say(record, row, text)

    def sleep(self, record):
        self.loop.begin("idle", record)
        self.say(record, self.loop, "sleeps")

    def wake_up(self, record):
        self.loop.close(record)
        self.say(record, self.loop, "wakes up")

    def mark(self, record):
        name = self.names.get(("mark", record.coro), "mark %d" % record.coro)
        row = self.task(record.task) if record.task else None
        (row or self.innermost_handler() or self.loop).instants.append(
            (record, "mark", name))
        self.say(record, row, name)

    def innermost_handler(self):
        inner = self.inside[-1] if self.inside else None
        return inner if inner is not None and inner.kind != "task" else None

    def enter(self, record):
        row = self.interrupt(record.task, record.coro)
        row.begin("handler", record)
        self.inside.append(row)
        self.say(record, row, "begins")

    def exit(self, record):
        row = self.interrupt(record.task, record.coro)
        row.close(record)
        self.leave(row)
        self.say(record, row, "ends")

    def lost(self, record):
        for row in self.rows():
            row.close(record)
            row.is_woken = False
        self.inside, self.pending = [], {}
        count = record.task | record.coro << 16
        text = "%s records are missing here" % (count or "some")
        self.loop.instants.append((record, "lost", text))
        self.say(record, None, text)

    # All

    def rows(self):
        return (list(self.interrupts.values()) + list(self.tasks.values())
                + [self.loop])

    def row_name(self, row):
        if row is None:
            return ""
        return "loop" if row.kind == "loop" else row.name


# --- As text -----------------------------------------------------------------

def digits_of(rate):
    """Digits behind the milliseconds' point that the clock has."""
    return max(0, min(6, math.ceil(math.log10(rate)) - 3))


def write_text(timeline, file):
    rate = timeline.trace.head.rate
    digits = digits_of(rate)
    names = [timeline.row_name(row) for _, row, _, _ in timeline.lines]
    width = max([len(name) for name in names], default=0)
    for record, row, text, by in timeline.lines:
        if timeline.cut(record):
            continue
        if by is not None:
            text += " %s %s" % (by.kind, by.name)
        kind = row.kind if row is not None and row.kind != "loop" else ""
        file.write("%*.*f ms  %-9s %-*s  %s\n" % (
            digits + 7, digits, record.time * 1000.0 / rate, kind, width,
            timeline.row_name(row), text))


# --- As JSON for Chrome and Perfetto -----------------------------------------

COLOURS = {"run": "thread_state_running", "ready": "thread_state_runnable",
           "wait": "thread_state_sleeping", "idle": "grey",
           "handler": "thread_state_iowait"}


class Json:
    def __init__(self, timeline, sources):
        self.timeline, self.sources = timeline, sources
        self.events, self.number = [], {}
        rows = timeline.rows()
        for number, row in enumerate(rows, 1):
            self.number[id(row)] = number
        self.meta("process_name", 0, {"name": timeline.program.name})
        for row in rows:
            tid = self.number[id(row)]
            name = {"task": "%s", "interrupt": "interrupt: %s",
                    "loop": "idle%.0s"}[row.kind] % row.name
            self.meta("thread_name", tid, {"name": name})
            self.meta("thread_sort_index", tid, {"sort_index": tid})
            self.add_row(row)
        for number, wake in enumerate(timeline.wakes, 1):
            self.add_wake(number, wake)
        self.events.sort(key=lambda event: event.get("ts", -1.0))

    def meta(self, name, tid, args):
        self.events.append({"name": name, "ph": "M", "pid": 1, "tid": tid,
                            "args": args})

    def event(self, phase, row, record, name, **more):
        self.events.append(dict(
            {"name": name, "ph": phase, "ts": round(record.shown, 4),
             "pid": 1, "tid": self.number[id(row)]}, **more))

    def add_row(self, row):
        for span in row.spans:
            if span.end is None or self.timeline.cut_span(span):
                continue
            args = self.args(span)
            start, end = round(span.start.shown, 4), round(span.end.shown, 4)
            self.event("X", row, span.start, self.name(row, span),
                       dur=round(end - start, 4), cat=span.kind,
                       cname=COLOURS[span.kind], args=args)
        for record, kind, text in row.instants:
            if not self.timeline.cut(record):
                self.event("i", row, record, text, s="t", cat=kind)

    @staticmethod
    def name(row, span):
        if span.kind == "run":
            return span.label
        return {"wait": "waits at " + span.label, "ready": "ready",
                "idle": "idle", "handler": row.name}[span.kind]

    def args(self, span):
        args = {}
        if span.line is not None and span.line >= FIRST_LINE:
            args["line"] = span.line
            text = self.sources.text(span.place, span.line)
            if text:
                args["source"] = text
        if span.note:
            args["end"] = span.note
        if span.open:
            args["open"] = "the trace ends before it does"
        return args

    def add_wake(self, number, wake):
        if wake.run is None or self.timeline.cut(wake.ready) or \
                self.timeline.cut(wake.run):
            return
        if wake.by.kind == "interrupt" and not wake.is_inside:
            self.event("X", wake.by, wake.ready, "wakes " + wake.row.name,
                       dur=0.001, cat="handler", args={})
        self.event("s", wake.by, wake.ready, "wake", cat="wake", id=number)
        self.event("f", wake.row, wake.run, "wake", cat="wake", id=number,
                   bp="e")
        # Inside the step: at its very beginning stands the end of "ready", too.
        end = self.events[-1]
        end["ts"] = round(end["ts"] + 0.001, 4)

    def write(self, file):
        # With "ms" chrome://tracing rounds short steps away.
        file.write('{"displayTimeUnit": "ns",\n"otherData": %s,\n'
                   '"traceEvents": [\n' % json.dumps(
                       {"notes": self.timeline.trace.notes}))
        file.write(",\n".join(json.dumps(event) for event in self.events))
        file.write("\n]}\n")


# --- Sources -----------------------------------------------------------------

class Sources:
    """The lines of C files in which coroutines stand."""

    def __init__(self, paths):
        self.lines = {}  # by coroutine: those of each file that has it
        for path in paths:
            with open(path, errors="replace") as file:
                lines = re.sub(r"[\0-\t\v-\37]", " ", file.read()).split("\n")
            for line in lines:
                found = re.match(r"\s*ASYNC(?:_STATIC)?\((\w+)\)", line)
                if found:
                    self.lines.setdefault(found.group(1), []).append(
                        (os.path.basename(path), lines))

    def file_of(self, place):
        """The lines of the file that a coroutine is in; None if not known."""
        name, _, file = (place or "").rstrip(")").partition(" (")
        found = [lines for path, lines in self.lines.get(name, [])
                 if path == file or not file]
        return found[0] if len(found) == 1 else None

    def text(self, place, line):
        """That of a statement, as far as it stands in four lines. Of one of
        several lines, gcc tells the first, and clang the last."""
        lines = self.file_of(place)
        if (lines is None or line is None
                or not FIRST_LINE <= line <= len(lines)):
            return None
        text = ""
        for _ in range(3):
            if line > 1 and re.search(r"[,(&|+?]\s*$", lines[line - 2]):
                line -= 1
        for part in lines[line - 1:line + 3]:
            text += (" " if text and not text.endswith("(") else "") \
                + re.sub(r"/\*.*?(\*/|$)", "", part).strip()
            if text.endswith((";", "{", "}")):
                break
        return text.rstrip(" {").strip()

    def operation(self, place, line):
        """What a statement waits for; the text of others."""
        text = self.text(place, line) or ""
        found = re.match(r"AWAIT(?:_CATCH\(\s*[^,]+,|\()\s*(.*)\);$", text)
        return found.group(1) if found else text


# --- As a picture ------------------------------------------------------------

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.small { font-size: 10.5px; fill: #59636e; }
.small, .code { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
.code { font: 10.5px ui-monospace, monospace; fill: #59636e; }
.name { font-weight: 600; }
.title { font-size: 14px; font-weight: 600; }
.back { fill: #ffffff; }
.band { fill: #f6f8fa; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.wait { stroke: #818b98; stroke-width: 2; }
.ready { fill: #e8a33d; }
.idle { fill: #d1d9e0; }
.handler { fill: #8250df; }
.wake { stroke: #59636e; stroke-width: 1.2; fill: none; }
.head { fill: #59636e; }
.raise { fill: #d1242f; }
.mark { fill: #0969da; }
.spawn { fill: none; stroke: #1f2328; stroke-width: 1.3; }
.c0 { fill: #1f77b4; } .c1 { fill: #2ca02c; } .c2 { fill: #c2528b; }
.c3 { fill: #17a2a2; } .c4 { fill: #b8860b; } .c5 { fill: #6a5acd; }
.c6 { fill: #a0522d; } .c7 { fill: #708090; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .small, .code { fill: #9198a1; stroke: #0d1117; }
  .back { fill: #0d1117; }
  .band { fill: #151b23; }
  .grid { stroke: #3d444d; }
  .wait { stroke: #9198a1; }
  .idle { fill: #3d444d; }
  .wake { stroke: #9198a1; }
  .head { fill: #9198a1; }
  .spawn { stroke: #e6edf3; }
  .c0 { fill: #58a6ff; } .c1 { fill: #56d364; } .c2 { fill: #f778ba; }
  .c3 { fill: #39c5cf; } .c4 { fill: #e3b341; } .c5 { fill: #a594fd; }
  .c6 { fill: #d9946c; } .c7 { fill: #a0aab4; }
}
"""
LEGEND = (  # style, shape, room for it, words
    ("wait", '<line x1="{x}" y1="{y}" x2="{end}" y2="{y}" class="{style}"/>',
     24, "waits"),
    ("ready", '<rect x="{x}" y="{y}" width="18" height="6" '
     'class="{style}"/>', 24, "ready, not its turn"),
    ("wake", '<line x1="{x}" y1="{y}" x2="{end}" y2="{y}" class="{style}" '
     'marker-end="url(#arrow)"/>', 24, "wakes"),
    ("spawn", '<circle cx="{middle}" cy="{y}" r="4.5" class="{style}"/>', 15,
     "spawned"),
    ("raise", '<path d="M{middle} {low} l4.5 -8 h-9 z" class="{style}"/>', 15,
     "error"),
    ("mark", '<path d="M{middle} {low} l5 -8 h-10 z" class="{style}"/>', 15,
     "mark"))
CODE_WIDTH, TEXT_WIDTH, LABEL_WIDTH = 6.4, 6.6, 5.9  # of a character, about
TOP, ROW, SMALL_ROW, BOTTOM = 74, 58, 30, 34


def wanted_step(span, room, apart):
    """A round number of units, so that ticks are far enough apart."""
    step = 1e-9
    for exponent in range(-9, 6):
        for digit in (1, 2, 5):
            step = digit * 10.0 ** exponent
            if step / span * room >= apart:
                return step
    return step


def unit_of(span):
    for name, unit in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if span >= 2 * unit:
            return name, unit
    return "ns", 1e-9


class Picture:
    def __init__(self, timeline, sources, width, title):
        self.timeline, self.sources, self.title = timeline, sources, title
        self.out, self.colours = [], {}
        self.rows = [row for row in timeline.rows() if self.is_seen(row)]
        longest = max([len(timeline.row_name(row)) for row in self.rows],
                      default=0)
        self.left = min(280, max(90, int(longest * 7.6) + 26))
        self.width = width
        self.room = width - self.left - 16
        self.start, self.end = timeline.range()
        if self.end <= self.start:
            self.end = self.start + 1.0 / timeline.trace.head.rate
        self.place_rows()

    def is_seen(self, row):
        return row.kind == "loop" or any(
            span.end is not None and not self.timeline.cut_span(span)
            for span in row.spans) or any(
                not self.timeline.cut(one[0]) for one in row.instants) or any(
                    wake.by is row and not self.timeline.cut(wake.ready)
                    for wake in self.timeline.wakes)

    def place_rows(self):
        self.at, y = {}, TOP
        for row in self.rows:
            height = ROW if row.kind == "task" else SMALL_ROW
            self.at[id(row)] = (y, height)
            y += height
        self.bottom = y
        self.height = y + BOTTOM

    def x(self, record):
        return self.x_of(record.time / self.timeline.trace.head.rate)

    def x_of(self, seconds):
        part = (seconds - self.start) / (self.end - self.start)
        return self.left + min(1.0, max(0.0, part)) * self.room

    def middle(self, row):
        y, height = self.at[id(row)]
        return y + (34 if row.kind == "task" else height // 2)

    # Shapes

    def add(self, text, tooltip=None):
        if tooltip:
            name = re.match(r"<(\w+)", text).group(1)
            text = "%s><title>%s</title></%s>" % (text[:-2],
                                                  escape(tooltip), name)
        self.out.append(text)

    def text(self, x, y, text, style="", anchor=None):
        self.add('<text x="%.1f" y="%.1f"%s%s>%s</text>' % (
            x, y, ' class="%s"' % style if style else "",
            ' text-anchor="%s"' % anchor if anchor else "", escape(text)))

    def box(self, x, y, width, height, style, tooltip=None):
        self.add('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" '
                 'class="%s"/>' % (x, y, width, height, style), tooltip)

    def line(self, x1, y1, x2, y2, style, tooltip=None, more=""):
        self.add('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"%s/>'
                 % (x1, y1, x2, y2, style, more), tooltip)

    def colour(self, place):
        if place not in self.colours:
            self.colours[place] = "c%d" % (len(self.colours) % 8)
        return self.colours[place]

    def when(self, record):
        rate = self.timeline.trace.head.rate
        return "%.*f ms" % (digits_of(rate), record.time * 1000.0 / rate)

    def times(self, span):
        length = (span.end.time - span.start.time) * 1000.0 \
            / self.timeline.trace.head.rate
        return "%s, for %.*f ms%s" % (
            self.when(span.start), digits_of(self.timeline.trace.head.rate),
            length, " and longer" if span.open else "")

    # Layers

    def draw(self):
        self.draw_rows()
        self.draw_axis()
        for row in self.rows:
            self.draw_waits(row)
        for wake in self.timeline.wakes:
            self.draw_wake(wake)
        for row in self.rows:
            self.draw_labels(row)
            self.draw_steps(row)
        for row in self.rows:
            self.draw_instants(row)
        self.draw_legend()

    def draw_rows(self):
        for number, row in enumerate(self.rows):
            y, height = self.at[id(row)]
            if number % 2 == 0:
                self.box(0, y, self.width, height, "band")
            name = {"loop": "idle"}.get(row.kind, row.name)
            self.text(12, self.middle(row) + 4, name,
                      "name" if row.kind == "task" else "")

    def draw_axis(self):
        span = self.end - self.start
        name, unit = unit_of(span)
        digits = len("%d" % (self.end / unit))
        step = wanted_step(span, self.room,
                           max(70, (digits + 5) * LABEL_WIDTH))
        tick = math.ceil(self.start / step - 1e-9)
        digits = max(0, -math.floor(math.log10(step / unit) + 1e-9))
        while tick * step <= self.end + step * 1e-9:
            x = self.x_of(tick * step)
            self.line(x, TOP - 4, x, self.bottom + 4, "grid")
            label = "%.*f %s" % (digits, tick * step / unit, name)
            last = x > self.width - 30
            self.text(self.width - 4 if last else x, self.bottom + 18, label,
                      "small", "end" if last else "middle")
            tick += 1

    def spans(self, row, *kinds):
        for span in row.spans:
            if span.kind in kinds and span.end is not None \
                    and not self.timeline.cut_span(span):
                yield span, self.x(span.start), self.x(span.end)

    def draw_waits(self, row):
        y = self.middle(row)
        for span, left, right in self.spans(row, "wait"):
            source = self.sources.text(span.place, span.line) or ""
            self.line(left, y, right, y, "wait", "waits at %s  %s\n%s" % (
                span.label, source, self.times(span)))

    def draw_labels(self, row):
        """Where it waits, as far as there is room."""
        y = self.middle(row)
        for span, left, right in self.spans(row, "wait"):
            room = right - left - 10
            self.label(left + 6, y - 6, room, "small", TEXT_WIDTH * 0.87,
                       (span.label, ":%s" % span.line))
            source = self.sources.operation(span.place, span.line)
            if len(source) > room / CODE_WIDTH:
                source = source[:max(0, int(room / CODE_WIDTH) - 1)] + "…"
            if len(source) > 8:
                self.text(left + 6, y + 15, source, "code")

    def label(self, x, y, room, style, width, texts):
        for text in texts:
            if len(text) * width <= room:
                self.text(x, y, text, style)
                return

    def draw_steps(self, row):
        y = self.middle(row)
        for span, left, right in self.spans(row, "ready", "idle", "handler"):
            if span.kind == "ready" and right - left < 0.5:
                continue
            height = {"ready": 6, "idle": 10, "handler": 14}[span.kind]
            text = {"ready": "ready, but waits for its turn", "idle": "idle",
                    "handler": row.name}[span.kind]
            self.box(left, y - height / 2, max(right - left, 2.5), height,
                     span.kind, "%s\n%s" % (text, self.times(span)))
        for span, left, right in self.spans(row, "run"):
            source = self.sources.text(span.place, span.line)
            self.box(left - (1.5 if right - left < 3 else 0), y - 9,
                     max(right - left, 3), 18, self.colour(span.place),
                     "\n".join(filter(None, [
                         "%s: step from %s" % (row.name, span.label), source,
                         span.note, self.times(span)])))

    def draw_wake(self, wake):
        by, row = wake.by, wake.row
        seen = [id(one) in self.at for one in (by, row)]
        if self.timeline.cut(wake.ready) or not all(seen) or by is row:
            return
        x, y1, y2 = self.x(wake.ready), self.middle(by), self.middle(row)
        away = 11 if y2 > y1 else -11
        self.line(x, y1, x, y2 - away, "wake", "%s wakes %s\n%s" % (
            by.name, row.name, self.when(wake.ready)),
            ' marker-end="url(#arrow)"')

    def draw_instants(self, row):
        y = self.middle(row)
        for record, kind, text in row.instants:
            if self.timeline.cut(record):
                continue
            x, tip = self.x(record), "%s\n%s" % (text, self.when(record))
            if kind == "spawn":
                self.add('<circle cx="%.1f" cy="%.1f" r="4.5" class="spawn"/>'
                         % (x, y), tip)
            elif kind == "mark":
                self.add('<path d="M%.1f %.1f l5 -8 h-10 z" class="mark"/>'
                         % (x, y - 9), tip)
            else:
                self.add('<path d="M%.1f %.1f l4.5 -8 h-9 z" class="raise"/>'
                         % (x, y - 10), tip)

    def draw_legend(self):
        self.text(12, 22, self.title, "title")
        x = 12
        for number, (place, colour) in enumerate(self.colours.items()):
            if x + 9 + len(place) * LABEL_WIDTH > self.width - 70:
                more = "and %d more" % (len(self.colours) - number)
                self.text(x, 47, more, "small")
                x = self.width
                break
            self.box(x, 36, 4, 14, colour)
            self.text(x + 9, 47, place, "small")
            x += 24 + len(place) * LABEL_WIDTH
        x = 12 if x > self.width - 470 else x + 14
        y = 47 if x > 12 else 64
        drawn = " ".join(self.out)
        for style, shape, offset, words in LEGEND:
            if 'class="%s"' % style in drawn:
                self.add(shape.format(
                    x="%.1f" % x, y=y - 4, low=y, end="%.1f" % (x + 18),
                    middle="%.1f" % (x + 6), style=style))
                self.text(x + offset, y, words, "small")
                x += offset + 14 + len(words) * LABEL_WIDTH

    def write(self, file):
        self.draw()
        file.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" '
                   'height="%d" viewBox="0 0 %d %d">\n<style>%s</style>\n'
                   % (self.width, self.height, self.width, self.height,
                      STYLE))
        file.write('<defs><marker id="arrow" markerWidth="7" '
                   'markerHeight="7" refX="6" refY="3.5" orient="auto">'
                   '<path d="M0 0 L7 3.5 L0 7 z" class="head"/></marker>'
                   '</defs>\n')
        file.write('<rect width="%d" height="%d" class="back"/>\n'
                   % (self.width, self.height))
        file.write("\n".join(self.out) + "\n</svg>\n")


# --- The command -------------------------------------------------------------

class CutTimeline(Timeline):
    """A timeline of which a part is shown."""

    def __init__(self, trace, program, names, start, end):
        rate = trace.head.rate
        self.low = None if start is None else start * rate - 1e-6
        self.high = None if end is None else end * rate + 1e-6
        super().__init__(trace, program, names)

    def cut(self, record):
        return ((self.low is not None and record.time < self.low) or
                (self.high is not None and record.time > self.high))

    def cut_span(self, span):
        return ((self.low is not None and span.end.time < self.low) or
                (self.high is not None and span.start.time > self.high))

    def what_there_is(self):
        """For whoever has asked for what there is not."""
        rate, records = self.trace.head.rate, self.trace.records
        return "nothing was traced in that time: the records are from " \
            "%.*f to %.*f ms" % (
                digits_of(rate), records[0].time * 1000.0 / rate,
                digits_of(rate), records[-1].time * 1000.0 / rate)

    def range(self):
        """What is shown, in seconds."""
        rate, records = self.trace.head.rate, self.trace.records
        low = records[0].time if self.low is None else self.low + 1e-6
        high = records[-1].time if self.high is None else self.high - 1e-6
        return low / rate, high / rate


def time_argument(text):
    found = re.fullmatch(r"([0-9.]+)\s*(s|ms|us|ns)", text)
    if not found:
        raise argparse.ArgumentTypeError("%r is not a time such as 1.5ms"
                                         % text)
    return float(found.group(1)) * {"s": 1, "ms": 1e-3, "us": 1e-6,
                                    "ns": 1e-9}[found.group(2)]


def width_argument(text):
    if not re.fullmatch(r"\d{3,5}", text) or int(text) < 500:
        raise argparse.ArgumentTypeError("%r is not 500 to 99999" % text)
    return int(text)


def name_argument(text):
    found = re.fullmatch(r"(mark|interrupt):(\d+)=(.+)", text)
    if not found:
        raise argparse.ArgumentTypeError(
            "%r is not such as mark:7=button or interrupt:21=UART" % text)
    return (found.group(1), int(found.group(2))), found.group(3)


def read_all(path):
    """To the end of the file, or of patience."""
    if path == "-":
        return read_file(sys.stdin.buffer)
    with open(path, "rb", buffering=0) as file:
        return read_file(file)


def read_file(file):
    data = bytearray()
    try:
        while True:
            piece = file.read(4096)
            if not piece:
                break
            data += piece
    except KeyboardInterrupt:
        pass
    return bytes(data)


def write_to(path, write):
    if path == "-":
        write(sys.stdout)
        return
    with open(path, "w", encoding="utf-8") as file:
        write(file)


def arguments(words):
    parser = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS, description=__doc__, add_help=False)
    parser.add_argument("-h", "--help", action="help",
                        help=argparse.SUPPRESS)
    for name in ("--json", "--svg"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--text", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--source", action="append", default=[],
                        help=argparse.SUPPRESS)
    parser.add_argument("--name", action="append", default=[],
                        type=name_argument, help=argparse.SUPPRESS)
    parser.add_argument("--from", dest="start", type=time_argument,
                        help=argparse.SUPPRESS)
    parser.add_argument("--to", type=time_argument, help=argparse.SUPPRESS)
    parser.add_argument("--width", type=width_argument, default=1100,
                        help=argparse.SUPPRESS)
    parser.add_argument("--title", help=argparse.SUPPRESS)
    parser.add_argument("trace", help=argparse.SUPPRESS)
    parser.add_argument("program", nargs="?", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def convert(asked):
    program = Program(asked.program)
    trace = Trace(read_all(asked.trace))
    timeline = CutTimeline(trace, program, dict(asked.name), asked.start,
                           asked.to)
    for note in trace.notes:
        sys.stderr.write("async-trace: %s\n" % note)
    if not trace.records:
        raise Unusable("the trace has no records yet")
    if all(map(timeline.cut, trace.records)):
        raise Unusable(timeline.what_there_is())
    sources = Sources(asked.source)
    if asked.text or not (asked.json or asked.svg):
        write_text(timeline, sys.stdout)
    if asked.json:
        write_to(asked.json, Json(timeline, sources).write)
    if asked.svg:
        title = program.name if asked.title is None else asked.title
        write_to(asked.svg, Picture(timeline, sources, asked.width,
                                    title).write)


def main(words):
    try:
        convert(arguments(words))
    except BrokenPipeError:  # of head, less
        sys.stdout = None
    except (Unusable, OSError) as problem:
        sys.stderr.write("async-trace: %s\n" % problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
