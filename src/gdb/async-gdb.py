# SPDX-License-Identifier: MIT
"""libasync for gdb: where every task stands, and what it waits for.

    (gdb) source .../async-gdb.py
    (gdb) help async

It reads memory and debug information, and nothing else: no code of the program
runs, no byte of it is written. So it works on a live program, through a gdb
stub (QEMU, OpenOCD, J-Link), on a core file and on a dump of the RAM.

Whatever it reads may be half built or overwritten. Every walk has a bound, and
what makes no sense is said to be damaged; the rest is shown all the same.

The numbers below are those of coroutine.h and core.h.
"""
import atexit
import itertools
import os
import re
import struct as struct_
import tempfile
import time

import gdb
import gdb.printing

LINE = 0x3FFF  # the part of a state that is a line
SCOPE = 0x8000
IS_DONE, IS_START, AT_FINALLY, AT_END = 1, 2, 3, 4
FIRST_LINE = 5  # smaller states of a coroutine are no line
NOTHING = 0xFE00  # no object that lives has a state from here to a task's;
# a scope whose body has not begun has 0xC000 and its line
TASK = 0xFF00
WATCHER = 0xFFFF
NEW, TIMED, LIMIT, CANCEL, DONE, UNTAKEN, HOLDS = (
    0x01, 0x02, 0x04, 0x10, 0x20, 0x40, 0x80)
REFUSED = 0x40  # of one that is not done
MARK = 1  # a prev_ up to here is no pointer: nothing, or "woken"
CANCELLING = -255

LONGEST = 10000  # nodes of one walk
DEEPEST = 1000  # coroutines of one task
FRAMES = 200  # frames of the thread that are looked at for variables


class Damaged(Exception):
    """What was read cannot be."""


# --- Types and memory --------------------------------------------------------


def struct(tag):
    try:
        return gdb.lookup_type("struct " + tag)
    except gdb.error:
        raise gdb.GdbError(
            "async: there is no debug information about struct %s. Is the "
            "program loaded (file PROGRAM), and was it compiled with -g?" % tag)


def find_struct(tag):
    """The same; None if there is none."""
    try:
        return gdb.lookup_type("struct " + tag)
    except gdb.error:
        return None


def at(address, tag):
    """What stands at an address."""
    return gdb.Value(address).cast(struct(tag).pointer()).dereference()


def address_of(value):
    return int(value.address)


def offset_of(tag, member):
    for field in struct(tag).fields():
        if field.name == member:
            return field.bitpos // 8
    raise gdb.GdbError("async: struct %s has no %s; is async-gdb.py of the "
                       "same version as the library?" % (tag, member))


def head_at(address):
    """A coroutine, scope, task or watcher, as what they begin with."""
    return at(address, "async_coro")


def link_next(address):
    return int(at(address, "async_link_")["next_"])


def link_prev(address):
    return int(at(address, "async_link_")["prev_"])


def tag_of(type_):
    type_ = type_.strip_typedefs().unqualified()
    return type_.tag if type_.code in (gdb.TYPE_CODE_STRUCT,
                                       gdb.TYPE_CODE_UNION) else None


def members(type_):
    """(path, offset, type) of what a struct, union or array is made of."""
    if type_.code == gdb.TYPE_CODE_ARRAY:
        element = type_.target()
        count = type_.sizeof // element.sizeof if element.sizeof else 0
        for i in range(min(count, LONGEST)):
            yield "[%d]" % i, i * element.sizeof, element
    elif type_.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        for field in type_.fields():
            if hasattr(field, "bitpos") and not field.bitsize:
                path = "." + field.name if field.name else ""
                yield path, field.bitpos // 8, field.type


def locate(type_, offset, tags):
    """(path, offset, tag) of the outermost part with one of these tags in
    which an offset lies; None if there is none."""
    type_ = type_.strip_typedefs()
    if tag_of(type_) in tags:
        return "", offset, tag_of(type_)
    if type_.code == gdb.TYPE_CODE_ARRAY and type_.target().sizeof:
        size = type_.target().sizeof
        inner = locate(type_.target(), offset % size, tags)
        return inner and ("[%d]%s" % (offset // size, inner[0]),) + inner[1:]
    for path, start, part in members(type_):
        if start <= offset < start + part.sizeof:
            inner = locate(part, offset - start, tags)
            if inner:
                return (path + inner[0],) + inner[1:]
    return None


def parts(type_, tags, depth=8):
    """(offset, tag) of all parts with one of these tags, pointers to them as
    "*tag"."""
    type_ = type_.strip_typedefs()
    if type_.code == gdb.TYPE_CODE_PTR:
        tag = tag_of(type_.target())
        return [(0, "*" + tag)] if tag in tags else []
    if tag_of(type_) in tags:
        return [(0, tag_of(type_))]
    found = []
    if depth > 0:
        for _, start, part in members(type_):
            found += [(start + offset, tag)
                      for offset, tag in parts(part, tags, depth - 1)]
    return found


# --- Functions ----------------------------------------------------------------


def symbol_at(address):
    """(name, offset) of the linker's symbol at an address; (None, 0)."""
    text = gdb.execute("info symbol 0x%x" % address, to_string=True)
    found = re.match(r"(.+?)(?: \+ (\d+))? in section ", text)
    return (found.group(1), int(found.group(2) or 0)) if found else (None, 0)


ANONYMOUS = "(anonymous namespace)::"


def plain(name):
    """Without what compilers and C++ add: run.lto_priv.0, asked.1234,
    blink(int)."""
    return re.split(r"[.(]", name.replace(ANONYMOUS, ""))[0]


def function_at(address):
    """(name, symbol) of the function that begins at an address; the symbol is
    None where there is no debug information about it."""
    address = address & ~1 if thumb() else address
    try:
        block = gdb.block_for_pc(address)
    except RuntimeError:
        block = None
    found = None  # the outermost: others are inlined at its beginning
    while block is not None and not block.is_static:
        found = block.function or found
        block = block.superblock
    if found is not None and address_of(found.value()) == address:
        return plain(found.name), found
    name, offset = symbol_at(address)
    return (plain(name) if name and offset == 0 else None), None


def file_of(symbol):
    """What the line table says; after -flto the symbol may be wrong."""
    if symbol is None:
        return None
    symtab = gdb.find_pc_line(address_of(symbol.value())).symtab
    return base_name((symtab or symbol.symtab).filename)


def thumb():
    return "arm" in gdb.execute("show architecture", to_string=True)


def function_name(pointer):
    return function_at(int(pointer))[0] or "0x%x" % int(pointer)


def pcs_of(symtab):
    """The addresses at which lines of a file begin. gdb 13 crashes at a table
    that is missing, as after -flto, but for has_line, which says so."""
    table = symtab.linetable()
    try:
        table.has_line(1)
    except (AttributeError, RuntimeError):
        return set()
    return {line.pc for line in table}


def base_name(path):
    return re.split(r"[/\\]", path)[-1]


# --- Coroutines --------------------------------------------------------------


class Coroutine:
    """One in an await chain, and its open scopes, innermost first."""

    def __init__(self, address):
        self.address = address
        self.value = head_at(address)
        self.state = int(self.value["state_"])
        self.error = int(self.value["error_"])
        self.scopes = []
        self.name, self.function = function_at(self.resume())
        if self.is_callback():
            called = at(address, "async_callback")["function_"]
            self.callee, self.function = function_at(int(called))
        self.is_scope = not self.is_callback() and not (
            self.name or "").endswith("_coroutine_")
        self.name = re.sub("_coroutine_$", "", self.name or "") or None
        self.file = file_of(self.function)
        self.line = (self.state & LINE if FIRST_LINE <= self.state < SCOPE
                     else 0)

    def is_callback(self):
        return self.name == "run_callback" and bool(
            find_struct("async_callback"))

    def resume(self):
        """A generator that is being closed keeps its own function apart."""
        resume = int(self.value["link_"]["resume_"])
        if (function_at(resume)[0] == "unwind_closed" and
                find_struct("async_generator_")):
            resume = int(at(self.address, "async_generator_")["resume_"])
        return resume

    def __str__(self):
        name = self.name or "coroutine at 0x%x" % self.address
        if self.is_callback():
            name = "callback %s" % self.callee
        if self.line and self.file:
            return "%s (%s:%d)" % (name, self.file, self.line)
        if self.line:
            return "%s (line %d)" % (name, self.line)
        return "%s (%s)" % (name, self.file) if self.file else name

    def doing(self):
        """What a place does not say; "" if nothing."""
        if self.state == IS_START:
            return "" if self.is_callback() else "at its beginning"
        if self.state == AT_END:
            return "at its end"
        if self.error == 0 and self.state != AT_FINALLY:
            return ""
        return "in its cleanup" + (" after " + error_text(self.error)
                                   if self.error < 0 else "")

    def type(self):
        """The struct of its frame; None if that is not known."""
        if self.function is None or self.is_callback():
            return None
        name = re.sub("_coroutine_.*$", "", self.function.name)
        symbol = gdb.lookup_symbol(name, self.function.symtab.static_block(),
                                   gdb.SYMBOL_STRUCT_DOMAIN)[0]
        return symbol and symbol.type

    def frame(self):
        type_ = self.type()
        return type_ and gdb.Value(self.address).cast(
            type_.pointer()).dereference()


def error_text(error):
    if error == CANCELLING:
        return "a cancellation"
    try:
        for field in gdb.lookup_type("enum async_error").fields():
            if field.enumval == error:
                return "error %d (%s)" % (error, field.name)
    except gdb.error:
        pass
    return "error %d" % error


def walk_chain(leaf, chain):
    """Fill in the coroutines from the leaf outwards."""
    place, seen = leaf, {leaf}
    chain.append(coroutine_at(leaf))
    while True:
        place = link_next(place)
        state = int(head_at(place)["state_"]) if place else TASK
        if state >= TASK:
            return
        if state >= NOTHING or place in seen or len(seen) > DEEPEST:
            raise Damaged("the await chain is damaged at 0x%x" % place)
        seen.add(place)
        if state & SCOPE:
            chain[-1].scopes.append(place)
        else:
            chain.append(coroutine_at(place))


def coroutine_at(address):
    coro = Coroutine(address)
    if coro.name is None:
        raise Damaged("the await chain is damaged: there is no coroutine at "
                      "0x%x" % address)
    return coro


# --- Tasks -------------------------------------------------------------------


class Task:
    def __init__(self, address):
        self.address = address
        self.value = at(address, "async_task")
        self.head = self.value["timer_"]["head_"]
        self.flags = int(self.head["state_"])
        self.prev = int(self.head["link_"]["prev_"])
        self.loop = int(self.value["loop_"])
        self.number = 0
        self.chain, self.damage = [], None
        self.walk()

    def walk(self):
        try:
            walk_chain(int(self.value["leaf_"]), self.chain)
        except Damaged as damage:
            self.damage = str(damage)
        except gdb.MemoryError:
            self.damage = "the await chain leads out of the memory"

    def has(self, flag):
        return self.flags & flag != 0

    @property
    def leaf(self):
        return self.chain[0] if self.chain else None

    @property
    def root(self):
        return self.chain[-1] if self.chain else None

    @property
    def name(self):
        if self.damage or not self.root.name:
            return "?"
        return "callback" if self.root.is_callback() else self.root.name

    def is_alive(self):
        return self.flags >= TASK and not self.has(DONE)

    def is_waiting(self):
        return self.prev > MARK and not self.has(HOLDS)

    def timer_runs(self):
        return self.is_alive() and self.has(TIMED)

    def where(self):
        return self.damage or str(self.leaf)

    def state(self, running):
        if not self.is_alive():
            return ("never spawned" if self.flags == 0 else
                    "done" if not self.has(UNTAKEN) else "done, error")
        state = ("running" if running else
                 "waiting" if self.is_waiting() else
                 "new" if self.has(NEW) else "ready")
        return state + ", cancelling" if self.has(CANCEL) else state


def looks_like_task(address):
    """For those of a loop that is not known."""
    try:
        state = int(head_at(address)["state_"])
        if not TASK <= state < WATCHER or state & DONE:
            return False
        leaf = int(at(address, "async_task")["leaf_"])
        resume = int(head_at(leaf)["link_"]["resume_"])
        return leaf != 0 and function_at(resume)[0] is not None
    except gdb.MemoryError:
        return False


def current_task():
    """What async_here_ says; None if that cannot be read, as the variables of
    a thread in some core files."""
    try:
        return int(gdb.parse_and_eval("async_here_")["task_"])
    except (gdb.error, RuntimeError):
        pass
    try:
        return int(gdb.parse_and_eval("*(void **)&async_here_"))
    except (gdb.error, RuntimeError):
        return None


# --- Time --------------------------------------------------------------------


def ticks_per_second():
    """It is part of a function's name (config.h)."""
    text = gdb.execute("info functions -q ^async_loop_init_for_",
                       to_string=True)
    found = re.search(r"_bit_ticks_at_(\d+)_per_second_", text)
    return int(found.group(1)) if found else None


def is_native():
    return "(native)" in gdb.execute("info inferiors", to_string=True)


class Clock:
    """What a loop's clock shows, as far as memory tells; now is None if it
    does not."""

    def __init__(self, clock):
        self.bits = 8 * gdb.lookup_type("async_time_t").sizeof
        self.now, self.note = None, ""
        now = function_name(clock["ops"]["now"])
        known = {"virtual_now": self.virtual, "tick_clock_now": self.ticking,
                 "async_counter_clock_now": self.counter,
                 "posix_now": self.posix}
        if now in known:
            known[now](address_of(clock))
        else:
            self.name = "clock of %s" % now
        if self.now is None and not self.note:
            self.note = "memory does not tell the time"

    def virtual(self, address):
        self.name = "virtual clock"
        if find_struct("async_virtual_clock"):
            self.now = int(at(address, "async_virtual_clock")["now_"])

    def ticking(self, address):
        self.name = "tick clock"
        if find_struct("async_tick_clock"):
            self.now = int(at(address, "async_tick_clock")["ticks_"])

    def counter(self, address):
        self.name = "counter clock"
        if find_struct("async_counter_clock"):
            self.now = int(at(address, "async_counter_clock")["last_"]["time"])
            self.note = "when it was last read"

    def posix(self, _):
        """That of this computer, if the program runs on it."""
        self.name = "posix clock"
        rate = ticks_per_second()
        if is_native() and rate:
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            self.now = now * rate // 10**9 % 2**self.bits

    def ticks_to(self, deadline):
        ticks = (deadline - self.now) % 2**self.bits
        return ticks - 2**self.bits if ticks >> (self.bits - 1) else ticks

    def tell(self, deadline):
        if self.now is None:
            return "at tick %d" % deadline
        ticks = self.ticks_to(deadline)
        return ("in %d" % ticks if ticks > 0 else
                "due now" if ticks == 0 else "due since %d" % -ticks)

    def __str__(self):
        text = self.name
        if self.now is not None:
            text += " at tick %d" % self.now
        return text + (", %s" % self.note if self.note else "")


def deadline_of(timer):
    return int(at(timer, "async_timer_")["deadline_"])


# --- Loops -------------------------------------------------------------------


class Loop:
    def __init__(self, address):
        self.address = address
        self.value = at(address, "async_loop")
        if not is_loop(address):
            raise gdb.GdbError("async: 0x%x is no loop that async_loop_init "
                               "has prepared" % address)
        self.clock = Clock(self.value["clock_"].dereference())
        self.notes = []
        self.timers = []  # addresses, in order of deadline
        self.ready = []  # addresses of links, in order
        self.tasks = set()  # addresses
        self.collect()

    def collect(self):
        for walk in (self.walk_nodes, self.walk_ready, self.walk_batch):
            try:
                walk()
            except Damaged as damage:
                self.notes.append(str(damage))
            except gdb.MemoryError as error:
                self.notes.append("the ready queue is damaged: %s" % error)
        if self.timers:
            start = deadline_of(self.timers[0])
            self.timers.sort(key=lambda timer: self.order(timer, start))

    def order(self, timer, start):
        """Times wrap, and so do the tickets of those that are equal."""
        half = 2**(self.clock.bits - 1)
        later = (deadline_of(timer) - start + half) % (2 * half)
        ticket = int(head_at(timer)["error_"])
        return later, (ticket - int(self.value["ticket_"])) & 0x7FFF

    def walk_nodes(self):
        """The heap of timers, and the list of the tasks that have none."""
        top = self.value["nodes_"]
        todo = [(int(top["child_"]), address_of(top)),
                (int(top["next_"]), address_of(top))]
        seen = {0}
        while todo:
            node, before = todo.pop()
            try:
                if node not in seen:
                    todo += self.walk_node(node, before)
                elif node != 0:
                    raise Damaged("a task stands in it twice")
            except (Damaged, gdb.MemoryError) as error:
                self.notes.append("the list of tasks is damaged at 0x%x: %s"
                                  % (node, error))
            seen.add(node)
            if len(seen) > LONGEST:
                raise Damaged("the list of tasks has no end")

    def walk_node(self, node, before):
        """What hangs on it."""
        value = at(node, "async_node_")
        if int(value["prev_"]) != before:
            raise Damaged("the way back leads elsewhere")
        nodes = [(int(value["next_"]), node)]
        if self.take_node(node - offset_of("async_timer_", "node_")):
            nodes.append((int(value["child_"]), node))
        return nodes

    def take_node(self, timer):
        """True if it is in the heap."""
        state = int(head_at(timer)["state_"])
        if state >= TASK:
            self.tasks.add(timer)
        is_timer = state < TASK or state & TIMED != 0
        if is_timer:
            self.timers.append(timer)
        return is_timer

    def take_ready(self, link):
        if (link in self.ready or len(self.ready) > LONGEST or
                int(head_at(link)["state_"]) < TASK):
            raise Damaged("the ready queue is damaged at 0x%x" % link)
        self.ready.append(link)
        self.tasks.add(link)

    def walk_ready(self):
        link, end = int(self.value["ready_first_"]), int(
            self.value["ready_end_"])
        if end == address_of(self.value["ready_first_"]):
            return
        while True:
            if link == 0:
                raise Damaged("the ready queue is damaged: it has no end")
            self.take_ready(link)
            if address_of(at(link, "async_link_")["next_"]) == end:
                return
            link = link_next(link)

    def walk_batch(self):
        """The rest of a round that is under way: they run before the others."""
        task = current_task()
        if not task or int(at(task, "async_task")["loop_"]) != self.address:
            return
        self.tasks.add(task)
        prev = link_prev(task)
        waits = prev > MARK and not int(head_at(task)["state_"]) & HOLDS
        if waits or link_next(task) == task:  # or has forgotten an AWAIT
            self.notes.append("the running task waits already, so new tasks "
                              "that come after it may be missing")
            return
        later, self.ready = self.ready, []
        link = link_next(task) if task not in later else 0
        while link != 0:
            self.take_ready(link)
            link = link_next(link)
        self.ready += later


def is_loop(address):
    try:
        loop = at(address, "async_loop")
        clock = int(loop["clock_"])
        if clock == 0 or int(loop["ready_end_"]) == 0:
            return False
        now = int(loop["clock_"]["ops"]["now"])
        return function_at(now)[0] is not None
    except gdb.MemoryError:
        return False


# --- Variables of the program ------------------------------------------------


class Variable:
    def __init__(self, name, address, type_):
        self.name, self.address, self.type = name, address, type_

    def has(self, address):
        return self.address <= address < self.address + self.type.sizeof


def variable_of(symbol, frame=None):
    """Where a variable is; None if it is in a register, or nowhere."""
    try:
        if symbol.is_function:
            return None
        value = symbol.value(frame) if frame else symbol.value()
        if value.address is None:
            return None
        name = symbol.name.replace(ANONYMOUS, "")
        return Variable(name, int(value.address), value.type)
    except (gdb.error, RuntimeError, TypeError):
        return None


def symbols_named(name):
    found = [gdb.lookup_global_symbol(name)]
    if hasattr(gdb, "lookup_static_symbols"):
        found += gdb.lookup_static_symbols(name)
    return [symbol for symbol in found
            if symbol is not None and symbol.symtab is not None]


def functions(pattern):
    """Names of functions with debug information."""
    text = gdb.execute("info functions -q -n " + pattern, to_string=True)
    return set(re.findall(r"(?m)^\d+:.*?(\w+)\(.*\);$", text))


class Statics:
    """The static variables of main's file and of those that have coroutines.
    gdb finds no static variable of a function by its name, and a walk over all
    of them takes seconds where libraries have debug information. Kept until
    another program is loaded."""

    symbols = None

    @classmethod
    def forget(cls, _=None):
        cls.symbols = None

    @classmethod
    def get(cls):
        if cls.symbols is None:
            cls.symbols = cls.collect()
        return [one for one in map(variable_of, cls.symbols) if one]

    @classmethod
    def collect(cls):
        found = []
        for symtab in cls.symtabs():
            seen = set()
            for block in cls.blocks(symtab):
                key = (block.start, block.end, block.is_static)
                if key not in seen:
                    seen.add(key)
                    found += [symbol for symbol in block if
                              symbol.addr_class == gdb.SYMBOL_LOC_STATIC]
        return found

    @staticmethod
    def blocks(symtab):
        yield symtab.global_block()
        yield symtab.static_block()
        for pc in pcs_of(symtab):
            block = gdb.block_for_pc(pc)
            while block is not None and not block.is_static:
                yield block
                block = block.superblock

    @staticmethod
    def symtabs():
        names = functions("_coroutine_") | {"main"}
        found = {}
        for symbol in itertools.chain(*map(symbols_named, names)):
            found[symbol.symtab.fullname()] = symbol.symtab
        return found.values()


def frames():
    try:
        frame = gdb.newest_frame()
    except gdb.error:
        return
    for _ in range(FRAMES):
        if frame is None or not frame.is_valid():
            return
        yield frame
        try:
            frame = frame.older()
        except gdb.error:
            return


def locals_of_thread():
    """Variables on the stack of the selected thread."""
    found = []
    for frame in frames():
        try:
            block = frame.block()
        except RuntimeError:
            continue
        while block is not None and not block.is_static:
            for symbol in block:
                one = variable_of(symbol, frame)
                found += [one] if one else []
            if block.function:
                break
            block = block.superblock
    return found


def arguments_that_are_loops():
    """"loop" of async_run and its kin, which may be in a register."""
    for frame in frames():
        try:
            block = frame.block()
        except RuntimeError:
            continue
        while block is not None and not block.is_static:
            for symbol in block:
                if (symbol.is_argument and
                        parts(symbol.type, {"async_loop"}) ==
                        [(0, "*async_loop")]):
                    try:
                        yield int(symbol.value(frame))
                    except (gdb.error, RuntimeError):
                        pass
            block = None if block.function else block.superblock


gdb.events.new_objfile.connect(Statics.forget)
gdb.events.clear_objfiles.connect(Statics.forget)


# --- Objects that tasks wait for ---------------------------------------------


class Place:
    """An address, in the words of the program."""

    def __init__(self, text, tag=None, address=0, part=0):
        self.text = text
        self.tag, self.address = tag, address  # of the object, if known
        self.part = part  # offset in it

    def value(self):
        return at(self.address, self.tag)

    def in_member(self, name):
        for path, start, type_ in members(struct(self.tag)):
            if path == "." + name:
                return start <= self.part < start + type_.sizeof
        return False

    def __str__(self):
        return "%s_t %s" % (self.tag, self.text) if self.tag else self.text


# Types made by a macro: struct { async_queue_t queue; ... }.
WRAPPED = {"async_queue": ".queue", "async_future": ".future",
           "async_signal": ".signal", "async_watch": ".watch",
           "async_pubsub": ".pubsub"}
KINDS = set(WRAPPED) | {
    "async_event", "async_lock", "async_semaphore", "async_condition",
    "async_barrier", "async_rwlock", "async_stream"}
# By the file of the function that settles with a task it has woken.
SETTLED_IN = {"lock.c": "async_lock", "semaphore.c": "async_semaphore",
              "condition.c": "async_condition", "rwlock.c": "async_rwlock",
              "signal.c": "async_signal", "future.c": "async_future"}


def part_of(variable, address, tags):
    """The Place of an address in a variable that has it; None."""
    found = locate(variable.type, address - variable.address, tags)
    if not found:
        return None
    path, part, tag = found
    wrapper = WRAPPED.get(tag)
    if wrapper and path.endswith(wrapper):
        path = path[:-len(wrapper)]
    return Place(variable.name + path, tag, address - part, part)


# --- Find the loops ----------------------------------------------------------


def find_loops():
    """The addresses of all that are found."""
    found = []
    for search in (loops_of_current, loops_in_statics, loops_on_stack):
        found += [loop for loop in search() if is_loop(loop)]
    if not found:
        found += [loop for loop in loops_in_all() if is_loop(loop)]
    if not found:
        raise gdb.GdbError(
            "async: found no loop that async_loop_init has prepared: no task "
            "runs, and there is none among the static variables and on the "
            "stack of this thread.\nSay which one: async tasks LOOP, where "
            "LOOP is an expression such as my_loop or "
            "*(async_loop_t *)0x20000100.")
    return list(dict.fromkeys(found))


def loops_of_current():
    return [int(task["loop_"]) for task in running_tasks()]


def running_tasks():
    """The one that runs, and those that its loop has cut into."""
    address, seen = current_task(), set()
    while address and address not in seen:
        seen.add(address)
        task = at(address, "async_task")
        yield task
        address = int(task["loop_"]["outer_"])


def loops_in_statics():
    return loops_of(Statics.get())


def loops_in_all():
    """In the whole program, but not in its shared libraries, for which "info
    variables" would take seconds."""
    text = gdb.execute("maint print msymbols -objfile %s"
                       % gdb.current_progspace().filename, to_string=True)
    for name in set(re.findall(r"\] [bBdD] 0x[0-9a-f]+ (\w+)", text)):
        found = map(variable_of, symbols_named(name))
        yield from loops_of(one for one in found if one)


def loops_on_stack():
    yield from arguments_that_are_loops()
    yield from loops_of(locals_of_thread())


def loops_of(variables):
    """Those that are, or are in, variables, that they point at, or that their
    tasks are on."""
    for variable in variables:
        for offset, tag in parts(variable.type, {"async_loop", "async_task"}):
            yield from loops_at(variable.address + offset, tag)


def loops_at(address, tag):
    try:
        if tag == "async_loop":
            yield address
        elif tag == "*async_loop":
            pointer = struct("async_loop").pointer()
            yield int(gdb.Value(address).cast(pointer.pointer()).dereference())
        elif tag == "async_task" and Task(address).is_alive():
            yield int(at(address, tag)["loop_"])
    except gdb.MemoryError:
        pass


# --- Names for addresses ------------------------------------------------------


class Names:
    """Variables of the program, and the frames of its coroutines."""

    def __init__(self):
        self.locals = locals_of_thread()
        self.tasks = []

    def place_of(self, address, tags, task=None):
        """A Place for an address; None if no variable or frame has it."""
        for variable in self.variables_at(address):
            found = part_of(variable, address, tags)
            if found:
                return found
        return self.place_in_frames(address, tags, task)

    def variables_at(self, address):
        name, _ = symbol_at(address)
        symbols = symbols_named(plain(name)) if name else []
        for variable in map(variable_of, symbols):
            if variable and variable.has(address):
                yield variable
        for variable in Statics.get() + self.locals:
            if variable.has(address):
                yield variable

    def place_in_frames(self, address, tags, task):
        """In the frame of a coroutine, or what one points at: first of this
        task."""
        tasks = ([task] if task else []) + self.tasks
        for way in (self.place_in_frame, self.place_by_pointer):
            for coro in itertools.chain(*(one.chain for one in tasks)):
                found = coro.type() and way(coro, address, tags)
                if found:
                    return found
        return None

    @staticmethod
    def place_in_frame(coro, address, tags):
        frame = Variable("", coro.address, coro.type())
        found = part_of(frame, address, tags) if frame.has(address) else None
        if found:
            found.text = "%s in struct %s" % (found.text.lstrip("."),
                                              coro.name)
        return found

    @staticmethod
    def place_by_pointer(coro, address, tags):
        for field in coro.type().fields():
            type_ = field.type.strip_typedefs()
            if type_.code != gdb.TYPE_CODE_PTR or not tag_of(type_.target()):
                continue
            pointed = Variable("*" + field.name, int(coro.frame()[field.name]),
                               type_.target())
            found = (part_of(pointed, address, tags)
                     if pointed.has(address) else None)
            if found:
                found.text = re.sub(r"^\*(\w+)\.", r"\1->", found.text)
                found.text += " in struct %s" % coro.name
                return found
        return None

    def object_at(self, head, task):
        """The object whose list of waiters has its head there."""
        return (self.place_of(head, KINDS, task) or self.hand_at(head) or
                Place(self.symbol_text(head) or "something at 0x%x" % head))

    def hand_at(self, head):
        """The same for one that no variable has: what settles with those that
        it wakes tells the kind."""
        pointer = gdb.lookup_type("void").pointer()
        hand = head - pointer.sizeof
        settle = int(gdb.Value(hand).cast(pointer.pointer()).dereference())
        tag = SETTLED_IN.get(settle and file_of(function_at(settle)[1]))
        if tag and find_struct(tag):
            return Place(self.symbol_text(hand) or "at 0x%x" % hand, tag, hand,
                         pointer.sizeof)
        return None

    @staticmethod
    def symbol_text(address):
        """As the linker knows it; None."""
        name, offset = symbol_at(address)
        return name and plain(name) + (" + %d" % offset if offset else "")

    def name_of(self, address, tag):
        """An expression for an object: a variable's name, or the address."""
        found = self.place_of(address, {tag})
        if found and found.address == address and " in " not in found.text:
            return found.text
        return "0x%x" % address

    def argument_text(self, address):
        """What an exit function is called with."""
        if address == 0:
            return ""
        found = self.place_of(address, KINDS)
        if found and found.address == address:
            return found.text
        return self.symbol_text(address) or "0x%x" % address


# --- What one command sees ---------------------------------------------------


class View:
    """The loops and their tasks, and whose the places in await chains are."""

    def __init__(self, text=""):
        struct("async_task")
        self.loops = [Loop(address) for address in
                      ([parse(text, "async_loop")] if text else find_loops())]
        self.running = {address_of(task) for task in running_tasks()}
        self.tasks = {address: Task(address)
                      for loop in self.loops for address in loop.tasks}
        self.ordered = sorted(self.tasks.values(),
                              key=lambda task: task.address)
        for number, task in enumerate(self.ordered, 1):
            task.number = number
        self.timers = {timer for loop in self.loops for timer in loop.timers}
        self.places = {place: task for task in self.ordered
                       for coro in task.chain
                       for place in [coro.address] + coro.scopes}
        self.names = Names()
        self.names.tasks = self.ordered

    def task_text(self, address):
        """A task in a sentence."""
        task = self.tasks.get(address)
        if task:
            return "task %d '%s'" % (task.number, task.name)
        if address == 0:
            return "nobody"
        if looks_like_task(address):
            return "task '%s' at 0x%x" % (Task(address).name, address)
        return "a task that has ended, at 0x%x" % address

    def state_of(self, task):
        return task.state(task.address in self.running)

    def clock_of(self, task):
        for loop in self.loops:
            if loop.address == task.loop:
                return loop.clock
        return Clock(at(task.loop, "async_loop")["clock_"].dereference())

    def is_task(self, address):
        return address in self.tasks or looks_like_task(address)

    def head_of(self, task):
        """(head of the list that it waits in, its place there, how many
        wait); (0, 0, 0) if it waits alone."""
        node = task.address
        for place in range(1, LONGEST):
            before = link_prev(node)
            if link_next(before) != node:
                break
            if before == task.address:
                return 0, 0, 0
            if not self.is_task(before):
                return before, place, place + self.count_after(task, before)
            node = before
        raise Damaged("the list that it waits in is damaged at 0x%x" % node)

    def count_after(self, task, head):
        node = link_next(task.address)
        for count in range(LONGEST):
            if node in (0, head) or not self.is_task(node):
                return count
            node = link_next(node)
        raise Damaged("the list that it waits in is damaged at 0x%x" % node)

    def deadline_of(self, task):
        """When the first of its timers is due."""
        clock, found = self.clock_of(task), []
        if task.timer_runs():
            kind = "limit " if task.has(LIMIT) else ""
            found.append((int(task.value["timer_"]["deadline_"]), kind))
        for coro in task.chain:
            found += [(deadline_of(scope), "timeout ")
                      for scope in coro.scopes if scope in self.timers]
        if not found or not task.is_alive():
            return ""
        start, half = found[0][0], 2**(clock.bits - 1)
        deadline, kind = min(
            found, key=lambda one: (one[0] - start + half) % (2 * half))
        return kind + clock.tell(deadline)


# --- What a task waits for ---------------------------------------------------


class Wait:
    """short: for a table; long: a sentence."""

    def __init__(self, short, long_=None):
        self.short = short
        self.long = "waits for " + short if long_ is None else long_


def wait_of(view, task):
    try:
        if task.is_alive() and task.is_waiting():
            return wait_in_list(view, task, *view.head_of(task))
        if task.is_alive() and task.has(HOLDS):
            return was_given(view, task)
        if not task.is_alive() and task.has(UNTAKEN):
            error = error_text(int(task.head["error_"]))
            return Wait(error, "ended with %s, which nobody has taken" % error)
    except Damaged as damage:
        return Wait(str(damage), str(damage))
    except gdb.MemoryError:
        text = "the list that it waits in leads out of the memory"
        return Wait(text, text)
    return Wait("", "")


def wait_in_list(view, task, head, place, count):
    if head == 0:
        return wait_alone(view, task)
    for loop in view.loops:
        if head == address_of(loop.value["polling_"]):
            return Wait("AWAIT_UNTIL", "looks in each round whether the "
                        "condition of its AWAIT_UNTIL holds")
        if head == address_of(loop.value["ended_"]):
            return wait_for_several(view, task)
    if head in view.places:
        joined = view.places[head].address
        joined = view.task_text(joined)
        return Wait("end of " + joined, "waits for the end of " + joined)
    object_ = view.names.object_at(head, task)
    what, more = OBJECT_WAITS.get(object_.tag, object_wait)(view, object_,
                                                          task)
    return Wait(what, "waits for %s, place %d of %d%s" % (
        what, place, count, more and "; " + more))


def wait_alone(view, task):
    leaf = task.leaf
    for scope in leaf.scopes[:1] if leaf else []:
        head = head_at(scope)
        if (int(head["state_"]) == SCOPE and
                function_name(head["link_"]["leave_"]) == "leave_group"):
            members = group_members(view, at(scope, "async_group"))
            return Wait("end of " + some(members),
                        "waits for the end of " + ", ".join(members))
    if leaf and leaf.is_callback():
        return Wait("its time")
    if task.has(TIMED) and not task.has(LIMIT):
        return Wait("sleep", "sleeps")
    return Wait("for ever", "waits for ever")


def wait_for_several(view, task):
    leaf = task.leaf
    if not leaf or leaf.name != "async_wait" or not find_struct("async_wait"):
        return Wait("end of any task", "waits for the end of any task")
    wait = at(leaf.address, "async_wait")
    tasks = [view.task_text(int(wait["tasks"][i]))
             for i in range(min(int(wait["count"]), DEEPEST))]
    return Wait("end of " + some(tasks, " or "),
                "waits for the end of " + " or ".join(tasks))


def some(texts, separator=", "):
    """At most three, for a table."""
    more = len(texts) - 3
    return separator.join(texts[:3]) + (" and %d more" % more
                                        if more > 0 else "")


def group_members(view, group):
    """Those that have not ended."""
    head, found = address_of(group["members_"]), []
    offset = offset_of("async_member", "link_")
    link = int(group["members_"]["next_"])
    while link not in (0, head):
        found.append(view.task_text(link - offset))
        link = link_next(link)
        if len(found) > LONGEST:
            raise Damaged("the list of the group's members has no end")
    return found


def was_given(view, task):
    """A hand has woken it, or it keeps what it has not taken yet."""
    pointer = gdb.lookup_type("void").pointer().sizeof
    given = view.names.object_at(task.prev + pointer, task)
    what = Wait("", "has been %s %s" % (
        "refused" if task.has(REFUSED) else "given", given))
    what.short = what.long
    return what


# (what a task waits for at an object, what there is to say of it)


def object_wait(_view, place, _task):
    return str(place), ""


def lock_wait(view, place, _):
    return str(place), "%s has it" % view.task_text(
        int(place.value()["owner_"]))


def queue_wait(_view, place, _task):
    queue = place.value()
    if place.in_member("joiners_"):
        return "all items of %s" % place, "%d not done" % int(
            queue["unfinished_"])
    side = "an item of" if place.in_member("items_") else "room in"
    return "%s %s" % (side, place), "%d of %s in it%s" % (
        int(queue["count_"]), plural(int(queue["capacity_"]), "item"),
        ", closed" if queue["closed_"] else "")


def stream_wait(_view, place, _task):
    stream = place.value()
    side = "data of" if place.in_member("reader_") else "room in"
    return "%s %s" % (side, place), "%d of %s in it" % (
        int(stream["count_"]), plural(int(stream["capacity_"]), "byte"))


def rwlock_wait(view, place, task):
    lock, writer = place.value(), int(place.value()["writer_"])
    scopes = task.leaf.scopes[:1] if task.leaf else []
    writes = [scope for scope in scopes if function_name(
        head_at(scope)["link_"]["leave_"]) == "leave_wait"]
    return "%s to %s" % (place, "write" if writes else "read"), (
        "%s writes" % view.task_text(writer) if writer else
        "%d read" % int(lock["readers_"]))


def barrier_wait(_view, place, _task):
    barrier = place.value()
    return str(place), "%d of %d have come" % (int(barrier["waiting_"]),
                                               int(barrier["parties_"]))


OBJECT_WAITS = {"async_lock": lock_wait, "async_queue": queue_wait,
                "async_stream": stream_wait, "async_rwlock": rwlock_wait,
                "async_barrier": barrier_wait}


# --- Open blocks -------------------------------------------------------------


def scope_text(view, scope, task):
    head = head_at(scope)
    leave = function_name(head["link_"]["leave_"])
    text = SCOPES.get(leave, lambda *_: "scope of " + leave)
    return "%s, line %d" % (text(view, scope, task),
                            int(head["state_"]) & LINE)


def with_text(view, scope, _):
    guard = at(scope, "async_with")
    return "with %s(%s)" % (function_name(guard["exit_"]),
                            view.names.argument_text(int(guard["object_"])))


def timeout_text(view, scope, task):
    if scope in view.timers:
        return "timeout %s" % view.clock_of(task).tell(deadline_of(scope))
    expired = int(head_at(scope)["error_"]) != 0
    return "timeout that has expired" if expired else "timeout without limit"


def group_text(view, scope, _):
    group = at(scope, "async_group")
    text = "group of " + (", ".join(group_members(view, group)) or "none")
    return text + (" (being cancelled)" if group["aborting_"] else "")


def pulse_text(_view, scope, _task):
    return "late pulse" if at(scope, "async_pulse")["late_"] else "pulse"


SCOPES = {"leave_with": with_text, "leave_timeout": timeout_text,
          "leave_group": group_text, "leave_pulse": pulse_text,
          "leave_shield": lambda *_: "shield",
          "catch_error": lambda *_: "try",
          "leave_for": lambda *_: "for (generator)"}


# --- Arguments ----------------------------------------------------------------


def evaluate(text):
    try:
        return gdb.parse_and_eval(text)
    except gdb.error as error:
        raise gdb.GdbError("async: %s" % error)


def parse(text, tag):
    """The address of an object that an expression is, or points at, or is the
    address of."""
    value = evaluate(text)
    type_ = value.type.strip_typedefs()
    if tag_of(type_) and value.address is not None:
        return int(value.address)
    if type_.code in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_INT):
        return int(value)
    raise gdb.GdbError("async: %s is no %s_t, and no pointer to one"
                       % (text, tag))


def find_task(view, text):
    """By number, as an object, as the frame of one of its coroutines, or by
    the name of its outermost coroutine."""
    if re.fullmatch(r"\d+", text) and 0 < int(text) <= len(view.ordered):
        return view.ordered[int(text) - 1]
    try:
        address = parse(text, "async_task")
    except gdb.GdbError:
        address = None
    if address in view.tasks:
        return view.tasks[address]
    if address in view.places:
        return view.places[address]
    named = [task for task in view.ordered if task.name == text]
    if len(named) == 1:
        return named[0]
    if named:
        raise gdb.GdbError("async: there are several: " + ", ".join(
            "%d" % task.number for task in named))
    if address is not None and looks_like_task(address):
        return Task(address)
    raise gdb.GdbError(
        "async: %s is no task of a known loop. Say a number or a name of "
        "\"async tasks\", a task, or a pointer to one." % text)


# --- Output ------------------------------------------------------------------


def write(text):
    gdb.write(text + "\n")


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        write("  ".join(cell.ljust(width)
                        for cell, width in zip(row, widths)).rstrip())


def plural(count, what):
    return "%d %s%s" % (count, what, "" if count == 1 else "s")


def loop_text(view, loop):
    return "loop %s, %s" % (view.names.name_of(loop.address, "async_loop"),
                            loop.clock)


def write_notes(loop):
    for note in loop.notes:
        write("note: " + note)


class Command(gdb.Command):
    """What all have in common."""

    def __init__(self, name, complete=gdb.COMPLETE_EXPRESSION):
        super().__init__(name, gdb.COMMAND_DATA, complete)

    def invoke(self, argument, _from_tty):
        try:
            self.run(argument.strip())
        except gdb.MemoryError as error:
            raise gdb.GdbError("async: %s" % error)
        except Damaged as damage:
            raise gdb.GdbError("async: %s" % damage)


class Prefix(gdb.Command):
    """Tasks of libasync: where they stand, and what they wait for.
Nothing of the program runs, and nothing is written."""

    def __init__(self):
        super().__init__("async", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Tasks(Command):
    """List the tasks: async tasks [LOOP].
LOOP is a loop or a pointer to one; without it all loops are searched for.
The times are ticks from now."""

    def run(self, argument):
        view = View(argument)
        for loop in view.loops:
            self.show(view, loop)

    def show(self, view, loop):
        write(loop_text(view, loop))
        rows = [("#", "task", "name", "state", "stands at", "waits for",
                 "deadline")]
        for task in view.ordered:
            if task.address in loop.tasks:
                rows.append(self.row(view, task))
        if len(rows) > 1:
            table(rows)
        else:
            write("no tasks")
        write_notes(loop)

    @staticmethod
    def row(view, task):
        return (str(task.number),
                view.names.name_of(task.address, "async_task"), task.name,
                view.state_of(task), task.where(),
                wait_of(view, task).short, view.deadline_of(task))


class Backtrace(Command):
    """Show who awaits whom in a task: async bt [TASK].
TASK is a number or a name of "async tasks", a task, a pointer to one, or the
frame of one of its coroutines; without it all tasks are shown. The innermost
coroutine is #0. Below each are the blocks in it that are open."""

    def run(self, argument):
        view = View()
        tasks = [find_task(view, argument)] if argument else view.ordered
        for task in tasks:
            self.show(view, task)

    def show(self, view, task):
        name = view.names.name_of(task.address, "async_task")
        write("task %d '%s', %s: %s" % (task.number, task.name, name,
                                        view.state_of(task)))
        chain = task.chain if task.is_alive() else []
        if not chain:
            self.show_wait(view, task)
        for depth, coro in enumerate(chain):
            doing = coro.doing()
            write("#%-3d%s%s" % (depth, coro, ", " + doing if doing else ""))
            if depth == 0:
                self.show_wait(view, task)
            self.show_scopes(view, task, coro)
        if task.damage:
            write("      " + task.damage)

    @staticmethod
    def show_scopes(view, task, coro):
        for scope in coro.scopes:
            if int(head_at(scope)["state_"]) != SCOPE:  # else what it waits for
                write("      in %s" % scope_text(view, scope, task))

    @staticmethod
    def show_wait(view, task):
        text = wait_of(view, task).long
        if task.timer_runs():
            deadline = int(task.value["timer_"]["deadline_"])
            text += " (%s%s)" % ("limit " if task.has(LIMIT) else "",
                                 view.clock_of(task).tell(deadline))
        if text:
            write("      " + text)


class LoopCommand(Command):
    """Show the state of a loop: async loop [LOOP]."""

    def run(self, argument):
        view = View(argument)
        for loop in view.loops:
            self.show(view, loop)

    def show(self, view, loop):
        tasks = [view.tasks[address] for address in loop.tasks]
        states = [view.state_of(task).split(",")[0] for task in tasks]
        counts = ["%d %s" % (states.count(state), state)
                  for state in ("running", "ready", "new", "waiting", "done")
                  if state in states]
        write("loop %s" % view.names.name_of(loop.address, "async_loop"))
        self.line("clock", str(loop.clock))
        self.line("tasks", "%d%s" % (len(tasks), counts and ": " +
                                     ", ".join(counts) or ""))
        self.line("ready", ", ".join(map(view.task_text, loop.ready)) or
                  "none")
        self.line("timers", self.timers(loop))
        self.line("polling", "yes" if int(loop.value["wake_polling_"]) else
                  "no")
        self.line("stop", "asked for" if loop.value["stop_"] else "no")
        write_notes(loop)

    @staticmethod
    def line(word, text):
        write("  %-8s %s" % (word, text))

    @staticmethod
    def timers(loop):
        if not loop.timers:
            return "none"
        first = deadline_of(loop.timers[0])
        return "%d, the first %s" % (len(loop.timers), loop.clock.tell(first))


class Timers(Command):
    """List the timers in order of their deadlines: async timers [LOOP].
The times are ticks from now."""

    def run(self, argument):
        view = View(argument)
        for loop in view.loops:
            write(loop_text(view, loop))
            rows = [self.row(view, loop, timer) for timer in loop.timers]
            if rows:
                table([("due", "tick", "what", "of")] + rows)
            else:
                write("no timers")
            write_notes(loop)

    def row(self, view, loop, timer):
        deadline = deadline_of(timer)
        task = view.tasks.get(timer)
        if task:
            what = "limit" if task.has(LIMIT) else "sleep"
            place = task.where()
        else:
            task, what, place = self.scope(view, timer)
        return (loop.clock.tell(deadline), str(deadline), what, "%s in %s" % (
            place, view.task_text(task.address)) if task else place)

    @staticmethod
    def scope(view, timer):
        line = int(head_at(timer)["state_"]) & LINE
        task = view.places.get(timer)
        for coro in task.chain if task else []:
            if timer in coro.scopes:
                return task, "timeout", "%s (%s:%d)" % (coro.name, coro.file,
                                                        line)
        return None, "timeout", "line %d" % line


class Ram(Command):
    """Look at a dump of the RAM: async ram FILE ADDRESS [FILE ADDRESS ...].
FILE has the bytes that stood from ADDRESS on. The program must be loaded (file
PROGRAM), and be the one that ran. A core file is made of them, and opened; it
has no registers, so there is no backtrace, but all of "async" works."""

    def __init__(self, name):
        super().__init__(name, gdb.COMPLETE_FILENAME)

    def run(self, argument):
        words = gdb.string_to_argv(argument)
        program = gdb.current_progspace().filename
        if not words or len(words) % 2 != 0:
            raise gdb.GdbError("async: say async ram FILE ADDRESS")
        if program is None:
            raise gdb.GdbError("async: first load the program: file PROGRAM")
        pieces = [(int(evaluate(address)), self.read(name))
                  for name, address in zip(words[::2], words[1::2])]
        with open(program, "rb") as file:
            core = core_file(file.read(64), pieces)
        gdb.execute("core-file " + self.keep(core), to_string=True)

    @staticmethod
    def read(name):
        try:
            with open(os.path.expanduser(name), "rb") as file:
                return file.read()
        except OSError as error:
            raise gdb.GdbError("async: %s" % error)

    @staticmethod
    def keep(core):
        """Until gdb ends: it reads the file when it wants."""
        with tempfile.NamedTemporaryFile(suffix=".core",
                                         delete=False) as file:
            file.write(core)
        atexit.register(os.remove, file.name)
        return file.name


class Trace(Command):
    """Write the trace to a file: async trace FILE.
It is an image of the ring (async/trace.h), of which async-trace.py makes a
timeline: async-trace.py --svg timeline.svg FILE PROGRAM."""

    def __init__(self, name):
        super().__init__(name, gdb.COMPLETE_FILENAME)

    def run(self, argument):
        words = gdb.string_to_argv(argument)
        if len(words) != 1:
            raise gdb.GdbError("async: say async trace FILE")
        if gdb.lookup_static_symbol("async_tracing_") is None:
            raise gdb.GdbError(
                "async: the library does not trace, or gdb does not see it: "
                "it was built without ASYNC_TRACE=1, or without -g. Then, with "
                "the name of your ring: dump binary value FILE ring")
        ring = evaluate("async_tracing_.source")
        if int(ring) == 0:
            raise gdb.GdbError("async: nothing is traced yet: "
                               "async_trace_start was not called")
        image = self.image(ring)
        try:
            with open(os.path.expanduser(words[0]), "wb") as file:
                file.write(image)
        except OSError as error:
            raise gdb.GdbError("async: %s" % error)
        write("%d records in %s" % (int(ring["count_"]), words[0]))

    @staticmethod
    def image(ring):
        head = ring.dereference()
        if bytes(int(head["magic_"][i]) for i in range(4)) != b"asyR":
            raise gdb.GdbError("async: the ring at 0x%x is damaged"
                               % int(ring))
        size = head.type.sizeof + 8 * int(head["capacity_"])
        return gdb.selected_inferior().read_memory(int(ring), size).tobytes()


def core_file(header, pieces):
    """An ELF core file for the machine of a program, of which this is the
    beginning: a header, and one segment for each piece of memory."""
    if header[:4] != b"\x7fELF":
        raise gdb.GdbError("async: the program is no ELF file")
    wide = header[4] == 2
    order = "<" if header[5] == 1 else ">"
    word, start, entry = ("Q", 64, 56) if wide else ("I", 52, 32)
    machine = struct_.unpack_from(order + "H", header, 18)[0]
    flags = struct_.unpack_from(order + "I", header, 48 if wide else 36)[0]
    core = header[:16] + struct_.pack(
        order + "HHI3" + word + "I6H", 4, machine, 1, 0, start, 0, flags,
        start, entry, len(pieces), 0, 0, 0)
    offset = start + entry * len(pieces)
    for address, data in pieces:
        sizes = (offset, address, address, len(data), len(data))
        core += (struct_.pack(order + "II6Q", 1, 6, *sizes, 1) if wide else
                 struct_.pack(order + "8I", 1, *sizes, 6, 1))
        offset += len(data)
    return core + b"".join(data for _, data in pieces)


# --- Printers ----------------------------------------------------------------


class Printer:
    """p OBJECT says what it means; p/r OBJECT shows its members."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        try:
            return self.text()
        except (gdb.MemoryError, Damaged) as error:
            return "damaged: %s" % error


class CoroutinePrinter(Printer):
    def text(self):
        state = int(self.value["state_"])
        if self.value.address is None:
            return "a copy of a coroutine or scope"
        coro = Coroutine(address_of(self.value))
        if coro.is_scope:
            return ("open scope, line %d" % (state & LINE)
                    if SCOPE <= state < NOTHING else "no open scope")
        what = ("not started" if state == 0 else
                coro.doing() if state != IS_DONE else
                "done, " + error_text(coro.error) if coro.error < 0 else
                "done")
        return "%s%s" % (coro, what and ", " + what)


class TaskPrinter(Printer):
    def text(self):
        if self.value.address is None:
            return "a copy of a task"
        task = Task(address_of(self.value))
        state = task.state(current_task() == task.address)
        if task.flags == 0:
            return "task, " + state
        if not task.is_alive():
            return "task '%s', done, %s" % (task.name, error_text(
                int(task.head["error_"])).replace("error 0 (ASYNC_OK)", "ok"))
        return "task '%s', %s, at %s" % (task.name, state, task.where())


def waiters_of(head):
    """The names of the tasks in a list: ", 2 wait: 'a', 'b'"."""
    start, names = address_of(head), []
    link = int(head["next_"])
    while link not in (0, start):
        if len(names) > LONGEST or not looks_like_task(link):
            raise Damaged("the list of waiters, at 0x%x" % link)
        names.append("'%s'" % Task(link).name)
        link = link_next(link)
    if not names:
        return ""
    return ", %d wait%s: %s" % (len(names), "s" if len(names) == 1 else "",
                                ", ".join(names))


class EventPrinter(Printer):
    def text(self):
        head = self.value["waiters_"]
        is_set = int(head["next_"]) == 0 and int(head["prev_"]) != 0
        return ("set" if is_set else "not set") + waiters_of(head)


class LockPrinter(Printer):
    def text(self):
        owner = int(self.value["owner_"])
        if owner == 0:
            return "free"
        name = ("'%s'" % Task(owner).name if looks_like_task(owner) else
                "0x%x, which is no task" % owner)
        return "taken by %s%s" % (name, waiters_of(
            self.value["waiters_"]["waiters_"]))


class SemaphorePrinter(Printer):
    def text(self):
        bound = int(self.value["bound_"])
        return "%s%s%s" % (plural(int(self.value["permits_"]), "permit"),
                           " of %d" % bound if bound else "", waiters_of(
                               self.value["waiters_"]["waiters_"]))


class QueuePrinter(Printer):
    def text(self):
        text = "%d of %s" % (int(self.value["count_"]), plural(
            int(self.value["capacity_"]), "item"))
        if self.value["closed_"]:
            text += ", closed"
        for member, what in (("items_", "an item"), ("rooms_", "room")):
            waiters = waiters_of(self.value[member]["waiters_"]["waiters_"])
            text += re.sub("^(, \\d+ waits?)", "\\1 for " + what, waiters)
        return text


class RwlockPrinter(Printer):
    def text(self):
        writer = int(self.value["writer_"])
        text = ("written by '%s'" % Task(writer).name
                if writer and looks_like_task(writer) else
                "%d read" % int(self.value["readers_"]))
        return text + waiters_of(self.value["waiters_"]["waiters_"])


class BarrierPrinter(Printer):
    def text(self):
        return "%d of %d have come%s%s" % (
            int(self.value["waiting_"]), int(self.value["parties_"]),
            ", broken" if self.value["broken_"] else "",
            waiters_of(self.value["waiters_"]))


class FuturePrinter(Printer):
    def text(self):
        state = int(self.value["state_"])
        return (["pending", "has a value", "has an error"][min(state, 2)] +
                waiters_of(self.value["waiters_"]["waiters_"]))


class SignalPrinter(Printer):
    def text(self):
        state = int(self.value["state_"])
        return (["no value", "has a value", "has a value, given to a task"]
                [min(state, 2)] +
                waiters_of(self.value["waiters_"]["waiters_"]))


def add_printers():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("libasync")
    for tag, printer in (
            ("async_coro", CoroutinePrinter), ("async_task", TaskPrinter),
            ("async_event", EventPrinter), ("async_lock", LockPrinter),
            ("async_semaphore", SemaphorePrinter),
            ("async_queue", QueuePrinter), ("async_rwlock", RwlockPrinter),
            ("async_barrier", BarrierPrinter),
            ("async_future", FuturePrinter), ("async_signal", SignalPrinter)):
        printers.add_printer(tag + "_t", "^%s(_t)?$" % tag, printer)
    gdb.printing.register_pretty_printer(None, printers, replace=True)


Prefix()
Tasks("async tasks")
Backtrace("async bt")
LoopCommand("async loop")
Timers("async timers")
Ram("async ram")
Trace("async trace")
add_printers()
