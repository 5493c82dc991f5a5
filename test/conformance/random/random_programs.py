#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""Compare libasync with CPython's asyncio on random programs.

    random_programs.py [--seed N] [--count N] INTERPRETER

Makes `count` programs, runs them with libasync (INTERPRETER is the program of
interpreter.c) and with asyncio (operations.py), both on virtual time, and
compares the traces. The same seed makes the same programs. Each difference is
shown with the program made as small as the difference allows.

    random_programs.py --program '(do (sleep 1))' INTERPRETER

shows both traces of one program.

Tasks that are woken by the same cause take their turn in an order that asyncio
does not promise. So all times are different ones (a program in which two timers
are due at once is left out), what competes for something sleeps before, what
wakes several sleeps behind, and the lines of one millisecond are compared task
by task. A difference within one millisecond may still be such an order.
"""

import sys

sys.dont_write_bytecode = True

import argparse
import difflib
import pathlib
import random
import subprocess

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import operations

BATCH = 500
left_out = 0


# --- Make ---------------------------------------------------------------------

class Maker:
    """A program is a list: a name, numbers, and lists of the same form."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.budget = 0

    def program(self):
        return (self.competition() if self.random.random() < 0.3
                else self.tasks())

    def competition(self):
        """Tasks wait for one thing. It is given several times, and just then
        one of them is cancelled."""
        waits, gives = self.random.choice(COMPETITIONS)
        block = ["do"]
        for slot in range(1, 5):
            body = ["do", ["sleep", self.ticks()], parse(waits),
                    ["sleep", self.ticks()]]
            block.append(["spawn", slot, ["member", ["do", ["try", 0, body]]]])
        for _ in range(4):
            block += [["sleep", self.ticks()], parse(gives)]
            if self.random.random() < 0.7:
                block += [["cancel", self.random.randint(1, 4)]]
        return ["member", block + [["sleep", self.ticks()]]]

    def tasks(self):
        """Some tasks, and what the first one does beside them."""
        block = ["do"]
        for _ in range(self.random.randint(1, 5)):
            self.budget = self.random.randint(5, 15)
            block.append(self.make_spawn("spawn", Around(1)))
        self.budget = self.random.randint(5, 15)
        return ["member", block + self.block(Around())[1:]]

    def ticks(self):
        return self.random.randint(1, 200000)

    def limit(self):
        return self.random.choice([0, self.ticks(), self.ticks()])

    def object(self):
        return self.random.choice([0, 0, 1, 1, 2])

    def slot(self):
        return self.random.randrange(operations.SLOTS)

    def leave(self, around):
        return self.random.choice([0, 0, 0, 1, 2]
                                  + ([] if around.shield else [-1, -2]))

    def error(self):
        return self.random.randint(-3, -1)

    def block(self, around):
        block = ["do"]
        most = 6 if around.depth < 3 else 3
        for _ in range(self.random.randint(1, most)):
            if self.budget > 0 and around.depth < 7:
                self.budget -= 1
                block += self.operation(around.inside())
        return block

    def member(self, around):
        return ["member", self.block(around.of_task())]

    def member_of_group(self, around):
        name, block = self.member(around)
        return [name, ["do", ["sleep", self.ticks()], *block[1:]]]

    def members(self, around):
        return [self.member_of_group(around)
                for _ in range(self.random.choice([1, 2, 2, 3]))]

    def operation(self, around):
        name = self.random.choices(list(CHOICES), CHOICES.values())[0]
        operation = getattr(self, "make_" + name, self.simple)(name, around)
        if operation is None:
            return []
        made = [operation]
        if name in COMPETES or self.random.random() < 0.4:
            made = [["sleep", self.ticks()], *made]
        if name in TOGETHER:
            made += [["sleep", self.ticks()]]
        if name in SIGNALS and self.random.random() < 0.4:
            made += [["cancel", self.slot()], ["sleep", self.ticks()]]
        return made

    def simple(self, name, around):
        arguments = {"s": self.slot, "o": self.object, "t": self.ticks,
                     "l": self.limit, "x": lambda: self.leave(around),
                     "e": self.error}
        made = [arguments[kind]() for kind in SIMPLE[name][0]]
        return [name, *made, *[self.block(around) for _ in SIMPLE[name][1]]]

    def make_repeat(self, name, around):
        return [name, self.random.randint(2, 3), self.block(around)]

    def make_timeout(self, name, around):
        return [name, self.ticks(), self.leave(around),
                self.block(around.with_(limit=True))]

    make_limit = make_timeout

    def make_shield(self, name, around):
        around = around.with_(shield=True)
        return [name, self.leave(around),
                ["do", ["sleep", self.ticks()], *self.block(around)[1:],
                 ["sleep", self.ticks()]]]

    def make_reschedule(self, name, around):
        return [name, self.ticks()] if around.limit else None

    def make_lock(self, name, around):
        lock = self.object()
        if lock in around.held:
            return None
        return [name, lock, self.leave(around),
                self.block(around.with_(held=around.held | {lock}))]

    def make_cancel(self, name, around):
        return None if around.shield else [name, self.slot()]

    def make_spawn(self, name, around):
        return [name, self.slot(), self.member(around.with_(group=False))]

    def make_group(self, name, around):
        around = around.with_(group=True)
        return [name, self.slot(), self.leave(around), self.block(around),
                *self.members(around)]

    def make_group_spawn(self, name, around):
        if not around.group:
            return None
        return [name, self.slot(), self.member_of_group(around)]

    def make_gather(self, name, around):
        return [name, self.slot(), *self.members(around.with_(group=False))]

    make_gather_errors = make_race = make_gather

    def make_deep(self, name, around):
        around = around.with_(group=True)
        return [name, self.slot(), self.ticks(), self.ticks(),
                self.leave(around), self.error(),
                self.block(around.with_(limit=True)), *self.members(around)]

    def make_for(self, name, around):
        parts = [self.block(around) for _ in range(self.random.randint(1, 4))]
        return [name, self.leave(around), self.random.randint(1, 3),
                ["emits", *parts], self.block(around)]

    def make_wait_tasks(self, name, around):
        slots = self.random.sample(range(operations.SLOTS), 3)
        return [name, self.random.randrange(3), self.limit(), *slots]

    def make_wait_notified(self, name, around):
        if not around.held:
            return None
        return [name, self.random.choice(sorted(around.held))]

    def make_notify(self, name, around):
        made = self.make_wait_notified(name, around)
        return made and made + [self.random.randint(1, 2)]

    def make_set_future(self, name, around):
        return [name, self.object(), self.random.choice([0, 0, -1])]


class Around:
    """What is around an operation: open blocks, locks that the task has."""

    def __init__(self, depth=0, held=frozenset(), limit=False, group=False,
                 shield=False):
        self.depth = depth
        self.held = held
        self.limit = limit
        self.group = group
        self.shield = shield

    def with_(self, **changes):
        return Around(**{**vars(self), **changes})

    def inside(self):
        return self.with_(depth=self.depth + 1)

    def of_task(self):
        return self.with_(held=frozenset(), limit=False, shield=False)


# Arguments and blocks: slot, object, ticks, limit, exit, error; block.
SIMPLE = {
    "finally": ("", "bb"), "try": ("x", "b"), 
    "semaphore": ("ox", "b"), "join": ("sl", ""),
    "sleep": ("t", ""), "raise": ("e", ""), "wait": ("ol", ""),
    "set": ("o", ""), "clear": ("o", ""), "release": ("o", ""),
    "put": ("ol", ""), "get": ("ol", ""), "try_put": ("o", ""),
    "try_get": ("o", ""), "barrier": ("o", ""), "wait_future": ("ol", ""),
}

CHOICES = {
    "repeat": 2, "finally": 8, "try": 8, "timeout": 6, "limit": 3,
    "reschedule": 3, "shield": 3, "lock": 6, "semaphore": 4, "spawn": 10,
    "cancel": 8, "join": 6, "wait_tasks": 3, "group": 6, "group_spawn": 4,
    "gather": 3, "gather_errors": 2, "race": 4, "deep": 4, "for": 5,
    "sleep": 8, "raise": 4, "wait": 5, "set": 5, "clear": 2, "release": 3,
    "put": 4, "get": 4, "try_put": 1, "try_get": 1, "wait_notified": 4,
    "notify": 4, "barrier": 3, "wait_future": 3, "set_future": 3,
}

COMPETES = {"lock", "semaphore", "deep", "put", "get", "try_put", "try_get",
            "wait_notified", "barrier", "wait_tasks", "cancel",
            "raise"}

# What tasks wait for, and how it is given.
COMPETITIONS = [
    ("(semaphore 0 0 (do))", "(release 0)"),
    ("(lock 0 0 (do (sleep 5003)))", "(lock 0 0 (do (sleep 20011)))"),
    ("(lock 0 0 (do (wait_notified 0)))", "(lock 0 0 (do (notify 0 1)))"),
    ("(lock 0 0 (do (wait_notified 0)))", "(lock 0 0 (do (notify 0 2)))"),
    ("(get 0 0)", "(put 0 0)"),
    ("(put 0 0)", "(get 0 50021)"),
    ("(wait 0 0)", "(do (set 0) (clear 0))"),
    ("(wait_future 0 0)", "(set_future 0 0)"),
]

GROUPS = {"group", "group_spawn", "gather", "gather_errors", "race", "deep"}

# Before a cancel that comes in the same step, and meets who was just woken.
SIGNALS = {"set", "release", "put", "try_put", "notify", "set_future", "lock",
           "semaphore"}

# After these two tasks go on at once.
TOGETHER = {"barrier", "wait", "wait_future", "cancel", *GROUPS}


# --- Run and compare ----------------------------------------------------------

def text_of(program):
    return "(" + " ".join(text_of(part) if isinstance(part, list) else str(part)
                          for part in program) + ")"


def parse(text):
    """The program of a text."""
    stack = [[]]
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            stack.append([])
        elif word == ")":
            stack[-2].append(stack.pop())
        else:
            stack[-1].append(int(word) if word.lstrip("-").isdigit() else word)
    return stack[0][0]


def run_here(interpreter, programs):
    """Traces of libasync; what is missing after a crash is [\"crash\"]."""
    text = "".join(text_of(program) + "\n" for program in programs)
    done = subprocess.run([interpreter], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=600)
    traces = [part.splitlines() for part in done.stdout.split("==\n")]
    if done.returncode != 0:
        traces[-1].append(f"crash: {done.stderr[-3000:]}")
    return traces[:len(programs)]


def in_order(trace):
    """The lines of one millisecond task by task, numbers of 32 bits."""
    def key(line):
        now, task, _ = line.split(maxsplit=2)
        return int(now) % 2**32, int(task)

    return sorted(trace, key=key) if "crash" not in "".join(trace) else trace


def differences(interpreter, programs):
    """The programs that differ, each with both traces."""
    global left_out
    here = run_here(interpreter, programs)
    found = []
    for program, trace in zip(programs, here):
        python = operations.run(program)
        left_out += python is None
        if python is not None and in_order(python) != in_order(trace):
            found.append((program, in_order(python), in_order(trace)))
    if len(here) < len(programs):
        found += differences(interpreter, programs[len(here):])
    return found


# --- Shrink -------------------------------------------------------------------

REMOVABLE = {"do": 1, "group": 4, "gather": 3, "gather_errors": 3, "race": 3,
             "deep": 7, "emits": 2}


def is_sleep(operation):
    return operation is not None and operation[0] == "sleep"


def allowed(program, around):
    """False if a part stands where the maker would not put it."""
    name, *parts = program
    if name in GROUPS and not all(
            is_sleep((part[1] + [None])[1]) for part in parts
            if isinstance(part, list) and part[0] == "member"):
        return False
    if name == "shield" and not (len(parts[1]) > 2 and parts[1][1][0] ==
                                 parts[1][-1][0] == "sleep"):
        return False
    if name == "do" and not all(
            (part[0] not in TOGETHER or is_sleep(after)) and
            (part[0] not in COMPETES or is_sleep(before) or
             part[0] == "cancel" and before and before[0] in SIGNALS)
            for before, part, after in
            zip([None, *parts], parts, [*parts[1:], None])):
        return False
    if name == "reschedule" and not around.limit:
        return False
    if name == "group_spawn" and not around.group:
        return False
    if name in ("wait_notified", "notify") and parts[0] not in around.held:
        return False
    if name == "lock":
        if parts[0] in around.held:
            return False
        around = around.with_(held=around.held | {parts[0]})
    if name in ("group", "deep"):
        around = around.with_(group=True)
    if name in ("spawn", "gather", "gather_errors", "race"):
        around = around.with_(group=False)
    if name == "member":
        around = around.of_task()
    if name in ("timeout", "limit", "deep"):
        around = around.with_(limit=True)
    return all(allowed(part, around) for part in parts
               if isinstance(part, list))


def smaller(program):
    """All programs that are this one with one thing less."""
    name = program[0]
    for i, part in enumerate(program):
        before, after = program[:i], program[i + 1:]
        if isinstance(part, list):
            if i >= REMOVABLE.get(name, len(program)):
                yield before + after
            if name == "do":
                for inner in part[1:]:
                    if isinstance(inner, list) and inner[0] == "member":
                        inner = inner[1]
                    if isinstance(inner, list) and inner[0] == "do":
                        yield before + inner[1:] + after
            for less in smaller(part):
                yield before + [less] + after
        elif i > 0 and name in LESS and part != 0 and i in LESS[name]:
            yield before + [0] + after


# Arguments that may become 0.
LESS = {"try": {1}, "shield": {1}, "timeout": {2}, "limit": {2}, "lock": {2},
        "semaphore": {2}, "group": {2}, "join": {2}, "wait": {2}, "put": {2},
        "get": {2}, "wait_future": {2}, "wait_tasks": {2}, "deep": {4}}


def shrink(interpreter, found):
    while True:
        candidates = [less for less in smaller(found[0])
                      if allowed(less, Around())]
        candidates.sort(key=lambda program: len(text_of(program)))
        for i in range(0, len(candidates), 50):
            less = differences(interpreter, candidates[i:i + 50])
            if less:
                found = less[0]
                break
        else:
            return found


# --- Main ---------------------------------------------------------------------

def show(program, python, here):
    print(text_of(program))
    print(*difflib.unified_diff(python, here, "asyncio", "libasync", n=30,
                                lineterm=""), sep="\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--show", type=int, default=10,
                        help="shrink and show that many differences")
    parser.add_argument("--program", help="show both traces of this one")
    parser.add_argument("interpreter")
    arguments = parser.parse_args()

    if arguments.program:
        program = parse(arguments.program)
        print("asyncio:", *(operations.run(program) or ["left out"]),
              sep="\n")
        print("libasync:", *run_here(arguments.interpreter, [program])[0],
              sep="\n")
        return
    found = []
    for start in range(0, arguments.count, BATCH):
        seeds = range(start, min(start + BATCH, arguments.count))
        programs = [Maker(f"{arguments.seed} {seed}").program()
                    for seed in seeds]
        found += differences(arguments.interpreter, programs)
    summary = (f"random: {arguments.count} programs, {left_out} left out, "
               f"{len(found)} differ")
    for difference in found[:arguments.show]:
        show(*shrink(arguments.interpreter, difference))
    print(summary)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
