#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Do what a tutorial says, in an empty folder: write its files as they are
printed, run its commands, and compare what they print.

  run_tutorial.py PAGE ROOT FOLDER

In the page, an HTML comment on the line before a block says what it is:

  <!-- from docs/examples/.../NAME -->  the file NAME, whole; it is also there
  (nothing) before ```sh                commands
  <!-- keys: TEXT -->                   commands, with TEXT typed
  <!-- it prints -->                    what the last commands have printed; a
                                        line "..." leaves lines out

Two things are not as printed. The library comes from ROOT and not from the net,
and the emulator has virtual time, so that nothing waits and each run is the
same. Commands that install packages, or go to a folder, are left out.
"""
import os
import re
import shutil
import subprocess
import sys

COMMENT = re.compile(r"^<!-- (.*) -->$")
LEFT_OUT = re.compile(r"(sudo|mkdir) ")
CHANGES = [
    (r"^cmake -B build( --toolchain)",
     r"cmake -B build -DFETCHCONTENT_SOURCE_DIR_ASYNC={root}\1"),
    (r"qemu-system-arm ",
     "timeout 60 qemu-system-arm -icount shift=0,sleep=off "),
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


def write_file(where, path, text, root, folder):
    with open(os.path.join(root, path)) as file:
        if file.read() != text:
            fail(where, "is not the whole of " + path)
    name = os.path.basename(path)
    with open(os.path.join(folder, name), "w") as file:
        file.write(changed(text, root) if name == "run.sh" else text)


def changed(text, root):
    for pattern, instead in CHANGES:
        text = re.sub(pattern, instead.format(root=root), text, flags=re.M)
    return text


def run(where, text, keys, root, folder):
    """What the last command printed, standard error included."""
    output = ""
    for command in text.splitlines():
        if LEFT_OUT.match(command):
            continue
        done = subprocess.run(["sh", "-c", changed(command, root)], cwd=folder,
                              input=keys, text=True, stdout=subprocess.PIPE,
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


def main():
    page, root, folder = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    output, checked = None, 0
    for line, comment, language, text in blocks(page):
        where = "%s:%d" % (os.path.basename(page), line)
        if comment.startswith("from ") and "/tutorial_" in comment:
            write_file(where, comment[5:], text, root, folder)
        elif language == "sh":
            keys = comment[6:] if comment.startswith("keys: ") else ""
            output = run(where, text, keys, root, folder)
        elif comment == "it prints":
            check_output(where, text, output)
            checked += 1
    if checked == 0:
        fail(page, "nothing was checked")
    print("%d outputs are as printed" % checked)


main()
