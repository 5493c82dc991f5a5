/* SPDX-License-Identifier: MIT */

/*
 * Two loops at two priorities: is work for the upper one ever left lying?
 *
 * The lower loop is the main program. The upper one is polled, one round each
 * time, in a software interrupt that its clock's pend() raises. Both give it
 * work: the main program, and a device whose interrupt cuts into either. So
 * does the upper loop itself.
 *
 * What has to hold: all that was given is taken, and the software interrupt
 * ends. Each BROKEN_... is a way to leave something lying.
 */

#define GIFTS 2 /* of each giver */

bool masks_all;      /* PRIMASK: the lock */
bool device_pending;
bool soft_pending;   /* PendSV */
bool upper_runs;
byte queue;          /* the upper loop's ready queue, as a number */
byte given;
byte taken;

#define DEVICE_DUE (device_pending && !masks_all)
#define SOFT_DUE   (soft_pending && !masks_all)

/* One instruction of the main program, of the upper loop. What is more urgent
 * comes first. */
#define LOWER(what) \
    atomic { !DEVICE_DUE && !SOFT_DUE && !upper_runs -> what }
#define UPPER(what) atomic { !DEVICE_DUE && upper_runs -> what }
#define UPPER_IF(condition) atomic { !DEVICE_DUE && upper_runs && (condition) }

/* src/core.h, ready_push(): queue and pend, with the lock held, in the steps of
 * the level that it is called from. */
#if defined(BROKEN_NO_PEND)
#define PUSH(STEP) \
    STEP(masks_all = true); STEP(queue++; given++); STEP(masks_all = false)
#elif defined(BROKEN_PEND_FIRST)
#define PUSH(STEP) \
    STEP(soft_pending = true); STEP(masks_all = true); \
    STEP(queue++; given++); STEP(masks_all = false)
#else
#define PUSH(STEP) \
    STEP(masks_all = true); STEP(queue++; given++); \
    STEP(soft_pending = true); STEP(masks_all = false)
#endif

/* --- The device ---------------------------------------------------------- */

byte device_gifts;

active proctype device()
{
    do
    :: device_gifts < GIFTS -> atomic { device_gifts++; device_pending = true }
    :: else -> break
    od
}

/* The most urgent one: nothing cuts into it. */
active proctype device_handler()
{
end:
    do
    :: atomic {
        DEVICE_DUE -> device_pending = false;
        queue++; given++;
#if !defined(BROKEN_NO_PEND)
        soft_pending = true
#endif
    }
    od
}

/* --- The loops ----------------------------------------------------------- */

byte own_gifts;
byte lower_gifts;

/* PendSV_Handler: one round. In its first step a task makes another ready. */
active proctype upper()
{
    byte batch;
end:
    do
    :: atomic {
        SOFT_DUE && !DEVICE_DUE && !upper_runs ->
#if !defined(BROKEN_CLEARED_LATE)
        soft_pending = false;
#endif
        upper_runs = true
    };
       UPPER(masks_all = true);
       UPPER(batch = queue);
       UPPER(queue = 0);
       UPPER(masks_all = false);
       if
       :: UPPER_IF(batch > 0 && own_gifts < GIFTS); own_gifts++; PUSH(UPPER)
       :: UPPER_IF(batch == 0 || own_gifts == GIFTS)
       fi;
       UPPER(taken = taken + batch; batch = 0);
#if defined(BROKEN_CLEARED_LATE)
       UPPER(soft_pending = false);
#endif
       UPPER(upper_runs = false)
    od
}

active proctype lower()
{
    do
    :: lower_gifts < GIFTS -> lower_gifts++; PUSH(LOWER)
    :: else -> break
    od
}

/* A step that is always possible: see wake_sleep.pml. */
active proctype world()
{
    bool odd;
    do
    :: odd = !odd
    od
}

/* --- What has to hold ---------------------------------------------------- */

/* A device that is raised twice before it is handled gives once. */
#define ALL_GIVEN (device_gifts == GIFTS && !device_pending && \
                   lower_gifts == GIFTS && own_gifts == GIFTS)
#define ALL_TAKEN (queue == 0 && taken == given && !soft_pending && !upper_runs)

ltl settles { <> [] (ALL_GIVEN && ALL_TAKEN) }
