#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Do what a page says, in an empty folder: write its files as they are printed,
run its commands, and compare what they print.

  run_tutorial.py PAGE ROOT FOLDER [--start PATH] [--simulate PROGRAM]

--start: a folder below ROOT that the reader copies first.
--simulate: what runs in place of simavr (test/firmware/board/avr/simulate.c).

In the page, an HTML comment on the line before a block says what it is:

  <!-- from docs/examples/.../NAME -->  the file NAME, whole; it is also there,
                                        in tutorial_... or in the folder PATH
  (nothing) before ```sh                commands
  <!-- keys: TEXT -->                   commands, with TEXT typed
  <!-- it prints -->                    what the last commands have printed; a
                                        line "..." leaves lines out

Two things are not as printed. The library comes from ROOT and not from the net,
and the emulator has virtual time, so that nothing waits and each run is the
same. Commands that install packages, or go to a folder, are left out.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys

COMMENT = re.compile(r"^<!-- (.*) -->$")
LEFT_OUT = re.compile(r"(sudo|mkdir|cp) ")
CHANGES = [
    (r"^cmake -B (\w+) --toolchain",
     r"cmake -B \1 -DFETCHCONTENT_SOURCE_DIR_ASYNC={root} --toolchain"),
    (r"(qemu-system-\w+) ", r"timeout 60 \1 -icount shift=0,sleep=off "),
    (r"^simavr -m (\w+) -f (\w+) ", r"{simulate} \1 \2 1000 "),
]


def fail(where, what):
    sys.exit("%s: %s" % (where, what))


def blocks(page):
    """(line, comment, language, text) of each code block."""
    comment, language, text, start = "", None, [], 0
    for number, line in enumerate(open(page), 1):
        line = line.rstrip("\n")
        if language is not None and line == "```":
            yield start, comment, language, "".join(text)
            comment, language = "", None
        elif language is not None:
            text.append(line + "\n")
        elif line.startswith("```"):
            language, text, start = line[3:], [], number
        elif COMMENT.match(line):
            comment = COMMENT.match(line).group(1)
        elif line:
            comment = ""


def write_file(where, path, text, places, folder):
    with open(os.path.join(places["root"], path)) as file:
        if file.read() != text:
            fail(where, "is not the whole of " + path)
    name = os.path.basename(path)
    with open(os.path.join(folder, name), "w") as file:
        file.write(changed(text, places) if name == "run.sh" else text)


def changed(text, places):
    for pattern, instead in CHANGES:
        text = re.sub(pattern, instead.format(**places), text, flags=re.M)
    return text


def run(where, text, keys, places, folder):
    """What the last command printed, standard error included."""
    output = ""
    for command in text.replace("\\\n", "").splitlines():
        if LEFT_OUT.match(command):
            continue
        done = subprocess.run(["sh", "-c", changed(command, places)],
                              cwd=folder, input=keys, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=100)
        output = done.stdout
        if done.returncode != 0:
            fail(where, "%s: status %d\n%s"
                 % (command, done.returncode, output[-3000:]))
        if re.search(r"\bwarning: ", output):
            fail(where, "%s warns:\n%s" % (command, output))
    return output


def check_output(where, expected, output):
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n"
        for line in expected.splitlines())
    if not re.fullmatch(pattern, output):
        fail(where, "it prints something else:\n" + output[-3000:])


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("page")
    parser.add_argument("root", type=os.path.abspath)
    parser.add_argument("folder")
    parser.add_argument("--start", default="")
    parser.add_argument("--simulate", default="")
    return parser.parse_args()


def empty(folder, root, start):
    shutil.rmtree(folder, ignore_errors=True)
    if start:
        shutil.copytree(os.path.join(root, start), folder)
    else:
        os.makedirs(folder)


def main():
    given = arguments()
    empty(given.folder, given.root, given.start)
    places = {"root": given.root, "simulate": given.simulate}
    whole = given.start + "/" if given.start else "/tutorial_"
    output, checked = None, 0
    for line, comment, language, text in blocks(given.page):
        where = "%s:%d" % (os.path.basename(given.page), line)
        if comment.startswith("from ") and whole in comment:
            write_file(where, comment[5:], text, places, given.folder)
        elif language == "sh":
            keys = comment[6:] if comment.startswith("keys: ") else ""
            output = run(where, text, keys, places, given.folder)
        elif comment == "it prints":
            check_output(where, text, output)
            checked += 1
    if checked == 0:
        fail(given.page, "nothing was checked")
    print("%d outputs are as printed" % checked)


main()
