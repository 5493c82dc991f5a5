# SPDX-License-Identifier: MIT
"""Compilers and emulators of the machines, and the library built for them."""
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY = "-Wl,--defsym=__flash=%s,--defsym=__flash_size=0x400000," \
    "--defsym=__ram=%s,--defsym=__ram_size=0x200000"
BLINK = os.path.normpath(os.path.join(HERE, "../blink"))
# Firmware that starts itself.
BARE = ["-nostartfiles", "-T", os.path.join(BLINK, "blink.ld")]
SEMIHOST = ["--oslib=semihost", "--crt0=hosted"]
QEMU = ["-nodefaults", "-display", "none", "-semihosting-config",
        "enable=on,target=native", "-singlestep", "-d", "exec,nochain",
        "-kernel"]


class Missing(Exception):
    """A tool that is not there."""


def arm(title, cpu, board, flash, ram):
    return {"title": title, "prefix": "arm-none-eabi-", "port": "cortex_m",
            "flags": ["-mcpu=" + cpu, "-mthumb", "--specs=picolibc.specs"],
            "link": SEMIHOST + [MEMORY % (flash, ram)], "bare": BARE,
            "emulator": ["qemu-system-arm", "-machine", board] + QEMU}


TARGETS = {
    # Code for a Cortex-M0+, which a Cortex-M3 executes as well.
    "cortex_m0plus": arm("Cortex-M0+", "cortex-m0plus", "mps2-an385", "0",
                         "0x20000000"),
    "cortex_m3": arm("Cortex-M3", "cortex-m3", "mps2-an385", "0",
                     "0x20000000"),
    "cortex_m33": arm("Cortex-M33", "cortex-m33+nofp", "mps2-an505",
                      "0x10000000", "0x38000000"),
    "rv32": {
        "title": "RV32IMAC", "prefix": "riscv64-unknown-elf-", "port": "riscv",
        "flags": ["-march=rv32imac", "-mabi=ilp32", "--specs=picolibc.specs"],
        "link": SEMIHOST + [MEMORY % ("0x80000000", "0x80400000")],
        "bare": BARE,
        "emulator": ["qemu-system-riscv32", "-machine", "virt", "-bios",
                     "none"] + QEMU},
    "avr": {
        "title": "AVR", "prefix": "avr-", "port": "avr",
        "flags": ["-mmcu=atmega2560", "-DF_CPU=16000000UL",
                  "-mcall-prologues"],
        "link": [], "bare": [], "emulator": None},
}

PARTS = ("main", "masking", "costs") # of the measured firmware
COMMON = ["-std=c11", "-Os", "-ffunction-sections", "-fdata-sections"]


def call(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("%s\n%s%s" % (" ".join(command), done.stdout,
                                         done.stderr))
    return done.stdout


def sources(root, port):
    """Those that CMakeLists.txt lists, and the port's."""
    with open(os.path.join(root, "CMakeLists.txt")) as file:
        listed = re.search(r"(?s)add_library\(async STATIC(.*?)\)",
                           file.read()).group(1).split()
    return listed + ["src/port/%s.c" % port]


class Target:
    def __init__(self, name, root, folder):
        self.name, self.root, self.folder = name, root, folder
        os.makedirs(folder, exist_ok=True)
        for key, value in TARGETS[name].items():
            setattr(self, key, value)
        self.is_avr = name == "avr"
        self.elf = self.library = None
        emulator = self.emulator[0] if self.emulator else "cc"
        for tool in (self.prefix + "gcc", emulator):
            if shutil.which(tool) is None:
                raise Missing(tool)
        self.include = ["-I" + os.path.join(root, "include")]
        self.made = {}

    def tool(self, name, *words):
        return call([self.prefix + name, *words])

    def sources(self):
        return sources(self.root, self.port)

    def compile(self, source, output, *options):
        self.tool("gcc", *self.flags, *COMMON, *self.include, *options, "-c",
                  source, "-o", output)
        return output

    def object(self, source, options=()):
        """Of a source of the library, as a user's build makes it, with its
        .su; one that is there already is not made again."""
        key = (source, *options)
        if key not in self.made:
            folder = os.path.join(self.folder, "%d" % len(self.made))
            os.mkdir(folder)
            stem = os.path.splitext(os.path.basename(source))[0]
            self.made[key] = self.compile(
                os.path.join(self.root, source),
                os.path.join(folder, stem + ".o"), "-fstack-usage", *options)
        return self.made[key]

    @property
    def archive(self):
        """The library."""
        if self.library is None:
            self.library = self.archived("libasync.a", self.sources())
        return self.library

    @property
    def objects(self):
        return {os.path.splitext(os.path.basename(one))[0]: self.object(one)
                for one in self.sources()}

    def archived(self, name, sources, options=()):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            os.remove(path)
        self.tool("ar", "rcs", path,
                  *[self.object(one, options) for one in sources])
        return path

    def program(self):
        """The firmware of this folder that is measured."""
        if self.elf is None:
            self.elf = self.link_program()
        return self.elf

    def link_program(self):
        elf = os.path.join(self.folder, "measured.elf")
        self.tool("gcc", *self.flags, *COMMON, *self.include, "-Wall",
                  "-Wextra",
                  *[os.path.join(HERE, part + ".c") for part in PARTS],
                  self.archive, *self.link, "-Wl,--gc-sections", "-o", elf)
        return elf
