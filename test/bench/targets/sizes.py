# SPDX-License-Identifier: MIT
"""Bytes: of objects, of the library's object files, of whole programs."""
import os
import re

from build import BLINK, COMMON, HERE

# A program that uses all of the core, and its timers.
CORE = os.path.join(HERE, "core.c")
QUIET = ["-DASYNC_REPORTS=0", "-DASYNC_DIAGNOSTICS=0"]
# All is compiled at once, so there is nothing for --gc-sections.
LTO = QUIET + ["-flto", "-fno-function-sections", "-fno-data-sections"]
BLINKS = (("default", []),
          ("ASYNC_DIAGNOSTICS=0", ["-DASYNC_DIAGNOSTICS=0"]),
          ("ASYNC_REPORTS=0 as well", QUIET),
          ("the same with -flto", LTO))


def objects(target, options=()):
    """RAM of each type."""
    path = target.compile(os.path.join(HERE, "sizes.c"),
                          os.path.join(target.folder, "sizes.o_"), *options)
    symbols = re.findall(r"\w+ (\w+) \w size_of_(\w+)",
                         target.tool("nm", "-S", path))
    return {name: int(size, 16) for size, name in symbols}


def text(target, path):
    """Text and constants, and data with initial values."""
    numbers = target.tool("size", path).splitlines()[1].split()
    return int(numbers[0]) + int(numbers[1])


def parts(target):
    """Flash of each object file."""
    return {name: text(target, path) for name, path in target.objects.items()}


def linked(target, options, source, *link):
    """(elf, map) of a program."""
    elf = os.path.join(target.folder, "linked.elf")
    target.tool("gcc", *target.flags, *COMMON, *target.include, *options,
                source, *link, "-Wl,--gc-sections", "-Wl,-Map=" + elf + ".map",
                "-o", elf)
    with open(elf + ".map") as file:
        return elf, file.read().split("Linker script and memory map", 1)[1]


def members(target, text_of_map):
    """Sources of the archive's members that were linked."""
    names = set(re.findall(r"libasync\.a\((\w+)\.o\)", text_of_map))
    return [source for source in target.sources()
            if os.path.splitext(os.path.basename(source))[0] in names]


def flash_of_library(text_of_map):
    """What the linker kept of the archive."""
    kept = re.findall(r"(?m)^ \.(?:text|rodata|data|progmem)\S*\s+0x\w+\s+"
                      r"0x(\w+)\s+\S*libasync\.a\(", text_of_map)
    return sum(int(size, 16) for size in kept)


def core(target):
    """{configuration: flash} of tasks, loop, unwinding, scopes, timers."""
    _, text_of_map = linked(target, [], CORE, target.archive, *target.link)
    archive = target.archived("quiet/libasync.a",
                              members(target, text_of_map), QUIET)
    _, quiet = linked(target, QUIET, CORE, archive, *target.link)
    return {"default": flash_of_library(text_of_map),
            "quiet": flash_of_library(quiet)}


def blinking(target, options, *parts):
    """(flash, RAM) of a whole image."""
    elf, _ = linked(target, options, os.path.join(BLINK, "blink.c"), *parts,
                    *target.bare)
    numbers = target.tool("size", elf).splitlines()[1].split()
    code, data, bss = [int(number) for number in numbers[:3]]
    return code + data, data + bss


def blink(target):
    """{configuration: (flash, RAM)}"""
    _, text_of_map = linked(target, [], os.path.join(BLINK, "blink.c"),
                            target.archive, *target.bare)
    needed = members(target, text_of_map)
    found = {}
    for name, options in BLINKS:
        parts = [os.path.join(target.root, one) for one in needed] \
            if options == LTO else \
            [target.archived("blink/libasync.a", needed, options)]
        found[name] = blinking(target, options, *parts)
    return found


def measure(target):
    return {"objects": objects(target), "parts": parts(target),
            "core": core(target), "blink": blink(target)}
