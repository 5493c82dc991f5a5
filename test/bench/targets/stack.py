# SPDX-License-Identifier: MIT
"""The C stack at worst, by the compiler's frames (-fstack-usage) and the calls
that the object files show.

Calls through pointers are named here, for no tool sees where they go; one that
is not named stops the measurement. Not counted is what the program gives
(coroutines, functions of its clock), and what runs only after a mistake of the
program, which is reported.
"""
import os
import re

LEAVES = "leave_for leave_group leave_pulse leave_shield leave_timeout " \
    "leave_wait leave_with"
NOW = "async_counter_clock_now tick_clock_now"
ITEMS = "queue_lifo:place queue_lifo:take queue_priority:place " \
    "queue_priority:take"
PROGRAM = ""
INDIRECT = {
    "loop:run_rounds": PROGRAM,  # coroutines, the end of this way
    "loop:attend": "async_unwind_",
    "loop:look_around": "async_counter_clock_look wake_polling",
    "loop:begin_round": "async_counter_clock_look wake_polling",
    "core:tell_and_unlock": PROGRAM, "async_poll": PROGRAM,
    "async_loop_now": NOW,
    "sleep_for": NOW,
    "async_idle_": "async_counter_clock_sleep tick_clock_sleep",
    "async_run_forever": PROGRAM,  # async_deadlock, after a mistake
    "async_ready_push_": PROGRAM, "async_stop": PROGRAM,
    "async_counter_clock_look": PROGRAM, "async_counter_clock_now": PROGRAM,
    "async_counter_clock_sleep": PROGRAM,
    "stream:publish": PROGRAM,  # async_stream_on_data
    "run_callback": PROGRAM, "async_watchdog_run_coroutine_": PROGRAM,
    "leave_with": "async_lock_exit async_semaphore_exit "
                  "async_rwlock_read_exit async_rwlock_write_exit",
    "async_with_leave_": PROGRAM,  # as a coroutine would
    "async_timers_expire_": LEAVES, "async_unwind_": LEAVES,
    "async_finish_": "async_unwind_",
    "async_no_such_state": "async_unwind_",
    "async_task_end_": "async_tell_end_ tell_all",
    "async_tell_end_": "member_ended",
    "async_settle_": "settle settle_item settle_room settle_join",
    "async_queue_place_claimed_": ITEMS, "async_queue_take_claimed_": ITEMS,
    "queue_many:move_many": ITEMS,
    "queue_priority:place": PROGRAM, "queue_priority:take": PROGRAM,
    "async_run": PROGRAM, "async_coro_place": PROGRAM,
    "virtual_look": PROGRAM, "async_emit_": "async_unwind_",
    "async_put_": PROGRAM, "async_put_address_": PROGRAM,  # the writer's
    "async_put_constant_": PROGRAM,
    "async_put_number_": PROGRAM, "async_put_chain_": PROGRAM,
    "dump:now_of": NOW, "async_dump": NOW, "async_timestamp": NOW,
    "count_if": "is_done has_failed is_wrong",
    "async_let_pass_": PROGRAM,  # a question: it is answered at once
}
# After a mistake; and close, which runs the loop itself.
MISTAKES = re.compile(r"async_report|report_|async_end_wait_$|abandon|misuse")
# What an interrupt may call.
FROM_INTERRUPTS = {
    "async_tick": "tick", "async_event_set": "event set",
    "async_semaphore_release": "semaphore release",
    "async_queue_try_put_": "queue put", "async_queue_try_get_": "queue get",
    "async_queue_close_": "queue close", "async_future_set_": "future set",
    "async_signal_send_": "signal send", "async_watch_set_": "watch set",
    "async_pubsub_publish_": "pubsub publish",
    "async_stream_push": "stream push", "async_stream_pull": "stream pull",
    "async_condition_notify_all": "condition notify_all",
    "async_barrier_abort": "barrier abort",
    "async_rwlock_read_release": "rwlock read_release",
    "async_callback_soon": "callback soon", "async_spawn": "spawn",
    "async_watchdog_check": "watchdog check",
    "async_stop": "stop"}
CALL = re.compile(r"R_(?:ARM_THM_(?:CALL|JUMP\d+)|RISCV_(?:CALL|CALL_PLT|JAL)|"
                  r"AVR_(?:CALL|13_PCREL|7_PCREL))\s+(?:\.text\.)?(\w[\w.]*)"
                  r"(?:[+-]0x\w+)?$")
POINTER = re.compile(r"\t(blx\tr|bx\tr|jalr\t|jr\t(?!ra)|e?icall|e?ijmp)")


PUSH = re.compile(r"\t(?:push|stmdb\tsp!,)\s*\{(.*)\}")
LOWERED = re.compile(r"\t(?:sub\tsp,.*#|(?:c\.)?addi(?:16sp)?\tsp,sp,-)(\d+)")
RANGE = re.compile(r"r(\d+)-r(\d+)")


def outside(target, elf):
    """Frames of functions that have no .su, such as memcpy, by what they do to
    the stack pointer. Those call nothing."""
    found, place = {}, None
    for line in target.tool("objdump", "-d", elf).splitlines():
        head = re.match(r"([0-9a-f]+) <[\w.]+>:", line)
        if head:
            place = int(head.group(1), 16)
            found[place] = 3 if target.is_avr else 0  # where it returns to
        elif place is not None:
            found[place] += pushed(target, line)
    # A function may have several names.
    symbols = re.findall(r"(?m)^(\w+) [TtW] (\S+)", target.tool("nm", elf))
    return {name: found[int(address, 16)] for address, name in symbols
            if int(address, 16) in found}


def pushed(target, line):
    if target.is_avr:
        return int("\tpush\t" in line)
    registers = PUSH.search(line)
    if registers:
        ranges = [int(b) - int(a) for a, b in RANGE.findall(line)]
        return 4 * (registers.group(1).count(",") + 1 + sum(ranges))
    lowered = LOWERED.search(line)
    return int(lowered.group(1)) if lowered else 0


def plain(name):
    """Without what the configuration and the compiler add to it."""
    name = re.sub(r"\.(constprop|isra|part|cold|lto_priv)[.\d]*", "", name)
    return re.sub(r"_for_\d+_bit_ticks_at_\d+_per_second_$", "", name)


class Depth:
    """Bytes of stack below and including a function, at worst."""

    def __init__(self, target):
        self.frames, self.graph, self.units = {}, {}, {}
        self.outside = outside(target, target.program())
        self.cycles, self.unknown = set(), set()
        for unit, path in target.objects.items():
            self.read_frames(unit, path[:-1] + "su")
        for unit, path in target.objects.items():
            self.read_calls(unit, target.tool("objdump", "-dr", path))
        if self.unknown:
            raise RuntimeError("stack.py: whom do these call: %s"
                               % " ".join(sorted(self.unknown)))

    def read_frames(self, unit, path):
        with open(path) as file:
            for line in file:
                place, size, _ = line.split("\t")
                name = plain(place.rsplit(":", 1)[1])
                one = (unit, name)
                self.frames[one] = max(self.frames.get(one, 0), int(size))
                self.units.setdefault(name, set()).add(unit)

    def functions(self, unit, name):
        """A name as this unit uses it; without a unit, all of that name."""
        if (unit, name) in self.frames:
            return {(unit, name)}
        if name in self.outside and name not in self.units:
            self.frames["", name] = self.outside[name]
            return {("", name)}
        return {(one, name) for one in self.units.get(name, ())}

    def read_calls(self, unit, listing):
        here, before = None, ""  # RISC-V: a call is of two instructions
        for line in listing.splitlines():
            head = re.match(r"[0-9a-f]+ <([\w.]+)>:", line)
            match = CALL.search(line)
            if head and not head.group(1).startswith(".L"):
                here = unit, plain(head.group(1))
                self.graph.setdefault(here, set())
            elif match and here and plain(match.group(1)) != here[1]:
                self.graph[here] |= self.functions(unit,
                                                   plain(match.group(1)))
            elif POINTER.search(line) and "CALL" not in before:
                self.by_pointer(here)
            if "R_" in line or head:
                before = line if "RISCV_CALL" in line else before
            elif "auipc" not in line:
                before = ""

    def by_pointer(self, here):
        if here[1].endswith("_coroutine_") or MISTAKES.search(here[1]):
            return
        words = INDIRECT.get(":".join(here), INDIRECT.get(here[1]))
        if words is None:
            self.unknown.add(":".join(here))
            return
        for word in words.split():
            unit, _, name = word.rpartition(":")
            self.graph[here] |= self.functions(unit, name)

    def below(self, one, path=()):
        """(bytes, functions on the way)."""
        if one in path:
            self.cycles.add(" ".join(name for _, name in
                                     path[path.index(one):] + (one,)))
            return 0, ()
        deepest = (0, ())
        for callee in sorted(self.graph.get(one, ())):
            if not callee[1].endswith("_coroutine_") and \
                    not MISTAKES.search(callee[1]):
                deepest = max(deepest, self.below(callee, path + (one,)))
        return self.frames[one] + deepest[0], (one[1],) + deepest[1]

    def worst(self, name):
        ones = self.functions("", name)
        if len(ones) != 1:
            raise RuntimeError("stack.py: there are %d %s" % (len(ones), name))
        return self.below(ones.pop())


def measure(target):
    depth = Depth(target)
    found = {"to a coroutine": (sum(
        depth.frames.get(("loop", one), 0)  # none, if it is inlined
        for one in ("async_run_forever", "async_rounds_", "run_rounds")), ())}
    for name, title in (("async_run_forever", "async_run_forever"),
                        ("async_poll", "async_poll"),
                        *FROM_INTERRUPTS.items()):
        found[title] = depth.worst(name)
    if depth.cycles:
        raise RuntimeError("stack.py: recursion: %s"
                           % "; ".join(sorted(depth.cycles)))
    return found
