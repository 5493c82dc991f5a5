# SPDX-License-Identifier: MIT
"""What may not be exceeded, whatever the pages say."""

# Longer for many waiters than for one: not in proportion to their number, only
# because a list that is not empty is another way through the code.
SLACK = {"avr": 64}
SLACK_32 = 16
# What the queue's page says: O(log n) copies of an item.
GROWS = ("priority queue put", "priority queue get")

BLINK_FLASH, BLINK_RAM = 1536, 200  # Cortex-M0+, with -flto
FRAME, TASK_AND_FRAME = 12, 48      # on 32 bits
TASK, LOOP = 36, 72                 # the same; without accounting


def masking(name, sections):
    """Interrupts stay locked for a time that no number of waiters lengthens."""
    wrong = []
    one = {}
    for section in sections:
        if section.name.startswith("+"):
            continue
        if section.name not in one:
            one[section.name] = section.longest
        elif not section.name.startswith(GROWS) and section.longest > \
                one[section.name] + SLACK.get(name, SLACK_32):
            wrong.append("%s: %s: interrupts locked for %d with 1 waiter and "
                         "for %d with %d" % (name, section.name,
                                             one[section.name],
                                             section.longest, section.n))
    return wrong


def sizes(name, found):
    wrong = []
    objects = found["objects"]
    if name != "avr" and (objects["frame"] > FRAME or
                          objects["task_and_root_frame"] > TASK_AND_FRAME):
        wrong.append("%s: a frame of %d bytes, %d with its task"
                     % (name, objects["frame"],
                        objects["task_and_root_frame"]))
    if name == "cortex_m0plus":
        flash, ram = found["blink"]["the same with -flto"]
        if flash > BLINK_FLASH or ram > BLINK_RAM:
            wrong.append("%s: blink has %d bytes of flash (at most %d) and %d "
                         "of RAM (at most %d)"
                         % (name, flash, BLINK_FLASH, ram, BLINK_RAM))
    return wrong


def footprint(name, found):
    """What is off is not there."""
    wrong = ["%s: %s" % (name, one) for one in found["left"]]
    for configuration in ("everything off", "reports", "reports, trace"):
        one = found["configurations"][configuration]
        if name != "avr" and (one["task"], one["loop"]) != (TASK, LOOP):
            wrong.append("%s: %s: a task of %d bytes, a loop of %d"
                         % (name, configuration, one["task"], one["loop"]))
    return wrong


def stacks(name, worst, sections):
    """No deeper for deeper awaits; and no deeper than the calls allow."""
    wrong = []
    measured = {}
    for section in sections:
        measured[section.name] = max(section.stack,
                                     measured.get(section.name, 0))
    shallow, deep = [measured["+yield, %s deep" % depth]
                     for depth in ("1 await", "16 awaits")]
    if shallow != deep:
        wrong.append("%s: %d bytes of stack at 1 await, %d at 16"
                     % (name, shallow, deep))
    for title, (bytes_, _) in worst.items():
        if measured.get(title, 0) > bytes_:
            wrong.append("%s: %s takes %d bytes of stack, and stack.py says %d"
                         % (name, title, measured[title], bytes_))
    return wrong


def check(found):
    return [one for name, parts in found.items()
            for one in masking(name, parts["run"]) +
            sizes(name, parts["sizes"]) +
            stacks(name, parts["stack"], parts["run"]) +
            (footprint(name, parts["footprint"]) if "footprint" in parts
             else [])]
