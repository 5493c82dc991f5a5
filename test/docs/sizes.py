#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure what libasync costs on a Cortex-M, and print it as Markdown.

  sizes.py [--check] --cc arm-none-eabi-gcc [ROOT]

--check compares the table with the one in README.md: RAM must be the same,
flash may differ by 5 %, so that a small change needs no edit.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

FLAGS = ["--specs=picolibc.specs", "-mthumb", "-Os", "-std=c11",
         "-ffunction-sections", "-fdata-sections"]
CORES = ("cortex-m0plus", "cortex-m4")
FIRMWARE = (
    ("firmware that blinks: loop, task, sleep", []),
    ("the same with an event", ["-DUSE_EVENT"]),
    ("the same with `ASYNC_TIMEOUT`", ["-DUSE_TIMEOUT"]),
    ("the same with `async_run`", ["-DUSE_RUN"]),
)
OBJECTS = (
    ("frame of a coroutine, beside your members", "async_coro_t"),
    ("task", "async_task_t"),
    ("loop", "async_loop_t"),
    ("event", "async_event_t"),
    ("`ASYNC_TRY` scope", "async_try_t"),
    ("`ASYNC_TIMEOUT` scope", "async_timeout_t"),
    ("ticker", "async_ticker_t"),
)


def run(command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout


def text_of(cc, elf):
    size = re.sub(r"gcc$", "size", cc)
    return int(run([size, elf]).split("\n")[1].split()[0])


def flash(cc, root, work, core, defines):
    source = os.path.join(root, "src")
    sources = [os.path.join(source, name) for name in os.listdir(source)
               if name.endswith(".c")]
    # An archive, as a user links it: what is not called stays out.
    objects = []
    common = FLAGS + ["-mcpu=" + core, "-I" + os.path.join(root, "include")]
    for one in sources:
        objects.append(os.path.join(work, core + os.path.basename(one) + ".o"))
        if not os.path.exists(objects[-1]):
            run([cc, *common, "-c", one, "-o", objects[-1]])
    archive = os.path.join(work, core + ".a")
    run([re.sub(r"gcc$", "ar", cc), "rcs", archive, *objects])
    elf = os.path.join(work, "firmware.elf")
    main = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "size_firmware.c")
    run([cc, *common, *defines, main, archive, "-nostartfiles",
         "-Wl,--gc-sections,-emain,-ubutton_interrupt"
         if "-DUSE_EVENT" in defines else "-Wl,--gc-sections,-emain",
         "-o", elf])
    return text_of(cc, elf)


def ram(cc, root, work):
    source = os.path.join(work, "objects.c")
    with open(source, "w") as file:
        file.write("#include <async/async.h>\n")
        for _, name in OBJECTS:
            file.write("char size_of_%s[sizeof(%s)];\n" % (name, name))
    run([cc, *FLAGS, "-mcpu=cortex-m0plus", "-I" + os.path.join(root,
                                                                "include"),
         "-c", source, "-o", source + ".o"])
    names = run([re.sub(r"gcc$", "nm", cc), "-S", source + ".o"])
    return {name: int(re.search(r"\w+ (\w+) . size_of_%s\b" % name,
                                names).group(1), 16) for _, name in OBJECTS}


def rows(cc, root):
    with tempfile.TemporaryDirectory() as work:
        for what, defines in FIRMWARE:
            yield what, [flash(cc, root, work, core, defines)
                         for core in CORES]
        sizes = ram(cc, root, work)
        for what, name in OBJECTS:
            yield what, [sizes[name]]


def check(readme, found):
    wrong = 0
    for what, numbers in found:
        line = re.search(r"(?m)^\| %s \|(.*)\|$" % re.escape(what), readme)
        stated = [int(n) for n in re.findall(r"\d+", line.group(1))] \
            if line else []
        slack = 0.05 if len(numbers) > 1 else 0
        if len(stated) != len(numbers) or any(
                abs(a - b) > b * slack for a, b in zip(stated, numbers)):
            print("README.md: \"%s\": says %s, measured %s"
                  % (what, stated, numbers))
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="arm-none-eabi-gcc")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("root", nargs="?", default=os.path.normpath(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")))
    arguments = parser.parse_args()
    found = list(rows(arguments.cc, arguments.root))
    for what, numbers in found:
        print("| %s | %s |" % (what, " | ".join(str(n) for n in numbers)))
    if not arguments.check:
        return 0
    with open(os.path.join(arguments.root, "README.md")) as file:
        return 1 if check(file.read(), found) else 0


if __name__ == "__main__":
    sys.exit(main())
