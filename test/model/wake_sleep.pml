/* SPDX-License-Identifier: MIT */

/*
 * A loop that sleeps, and interrupts that wake it: is a wake ever lost?
 *
 * The loop is that of src/loop.c, cut into steps between which an interrupt may
 * come. Two tasks run: E waits for an event that an interrupt sets, T sleeps to
 * one deadline after another. Each machine has its own way to sleep (-DWFI,
 * -DBASEPRI, -DAVR, -DTHREAD), and each BROKEN_... is a way to lose a wake.
 *
 * What has to hold: whatever comes, and whenever, in the end all that was set
 * has been seen, every deadline has been met, and the processor sleeps. With
 * -DSTOP: the loop ends.
 */

#define SETS 2 /* how often the event is set */
#define LAST 3 /* the clock stops here */

#define E 1
#define T 2

/* --- The machine --------------------------------------------------------- */

bool masks_all;     /* PRIMASK; the I bit of AVR; MIE of RISC-V */
bool masks_some;    /* BASEPRI */
bool shadow;        /* the instruction behind SEI: no interrupt before it */
bool asleep;
bool event_pending; /* interrupts that have been raised and not handled */
bool alarm_pending;
bool stop_pending;
bool given;         /* -DTHREAD: the semaphore that wakes the loop's thread */
byte time;
byte alarm;

#define PENDING (event_pending || alarm_pending || stop_pending)
#define OPEN    (!masks_all && !masks_some)
#define DUE     (PENDING && OPEN && !shadow)

#if defined(AVR) || defined(BROKEN_MASKED_SLEEP)
#define WAKES (PENDING && OPEN)
#else
#define WAKES (PENDING && !masks_some) /* WFI: whatever PRIMASK says */
#endif

/* One instruction. An interrupt that is due comes first. */
#define DO(what) atomic { !DUE -> shadow = false; what }

/* The same, if the loop can do it now. */
#define WHEN(condition, what) \
    atomic { !DUE && (condition) -> shadow = false; what }

#define WAKE asleep = asleep && !WAKES

/* --- The library --------------------------------------------------------- */

byte ready;      /* the queue, as a set */
bool is_set;
bool waits;      /* E stands in the event's list */
bool timer_runs;
byte deadline;
bool stop;
bool ended;

#if defined(BASEPRI)
#define LOCK   DO(masks_some = true)
#define UNLOCK DO(masks_some = false)
#else
#define LOCK   DO(masks_all = true)
#define UNLOCK DO(masks_all = false)
#endif

#if defined(THREAD)
#define PEND given = true
#else
#define PEND skip
#endif

inline event_set()
{
    is_set = true;
    if
    :: waits -> waits = false; ready = ready | E; PEND
    :: else
    fi
}

inline loop_stop()
{
    stop = true;
#if !defined(BROKEN_STOP_DOES_NOT_PEND)
    PEND
#endif
}

/* --- What comes at any time ---------------------------------------------- */

active proctype interrupts()
{
end:
    do
    :: atomic { DUE && event_pending -> event_pending = false; event_set() }
    :: atomic { DUE && alarm_pending -> alarm_pending = false }
#if defined(STOP)
    :: atomic { DUE && stop_pending -> stop_pending = false; loop_stop() }
#endif
    od
}

/* A step that is always possible: else a processor that sleeps for ever would
 * be the end of the run, which the search for unfair runs takes for fair. */
active proctype world()
{
    bool odd;
    do
    :: odd = !odd
    od
}

byte sets;

active proctype device()
{
    do
    :: sets < SETS -> atomic { sets++; event_pending = true; WAKE }
    :: else -> break
    od;
#if defined(STOP)
    atomic { stop_pending = true; WAKE }
#endif
}

/* The alarm goes off when the clock gets there, not when it is there. */
active proctype clock()
{
    do
    :: time < LAST ->
        atomic {
            time++;
            if
            :: time == alarm -> alarm_pending = true; WAKE
            :: else
            fi
        }
    :: else -> break
    od
}

/* --- To sleep: called with the lock held --------------------------------- */

inline sleep_instruction()
{
    DO(asleep = !WAKES);
end:
    WHEN(!asleep, skip)
}

inline port_sleep()
{
#if defined(AVR)
    DO(masks_all = false; shadow = true);
#if defined(BROKEN_SEI_TOO_EARLY)
    DO(skip);
#endif
    sleep_instruction();
    DO(masks_all = true)
#elif defined(BASEPRI)
#if defined(BROKEN_BASEPRI_STAYS)
    sleep_instruction()
#else
    DO(masks_all = true);
    DO(masks_some = false);
    sleep_instruction();
    DO(masks_some = true);
    DO(masks_all = false)
#endif
#elif defined(THREAD)
#if defined(BROKEN_SEMAPHORE_CLEARED_LATE)
    DO(masks_all = false);
    DO(given = false);
#else
    DO(masks_all = false);
#endif
    DO(asleep = !given && !(timer_runs && time >= deadline));
end:
    WHEN(given || (timer_runs && time >= deadline),
         asleep = false; given = false);
    DO(masks_all = true)
#else
    sleep_instruction()
#endif
}

inline clock_sleep()
{
#if defined(THREAD)
    port_sleep()
#elif defined(BROKEN_ALARM_NOT_LOOKED_AT)
    if
    :: WHEN(!timer_runs, skip); port_sleep()
    :: WHEN(timer_runs && time < deadline, skip);
       DO(alarm = deadline);
       port_sleep()
    :: WHEN(timer_runs && time >= deadline, skip)
    fi
#else
    DO(alarm = (timer_runs -> deadline : 0));
    if
    :: WHEN(!timer_runs || time < deadline, skip); port_sleep()
    :: WHEN(timer_runs && time >= deadline, skip)
    fi
#endif
}

/* --- The loop ------------------------------------------------------------ */

inline expire_timers()
{
    if
    :: WHEN(timer_runs && time >= deadline,
            timer_runs = false; ready = ready | T)
    :: WHEN(!timer_runs || time < deadline, skip)
    fi
}

inline take_ready()
{
#if !defined(BROKEN_TAKE_WITHOUT_LOCK)
    LOCK;
#endif
    DO(batch = ready);
    DO(ready = 0);
#if !defined(BROKEN_TAKE_WITHOUT_LOCK)
    UNLOCK
#endif
}

/* AWAIT(async_event_wait(...)), async_event_clear(...), and over again. */
inline step_of_E()
{
    DO(is_set = false);
#if !defined(BROKEN_WAIT_WITHOUT_LOCK)
    LOCK;
#endif
    if
    :: WHEN(is_set, ready = ready | E)
    :: WHEN(!is_set, skip); DO(waits = true)
    fi;
#if !defined(BROKEN_WAIT_WITHOUT_LOCK)
    UNLOCK
#endif
}

inline step_of_T()
{
    if
    :: WHEN(deadline < LAST, deadline++; timer_runs = true)
    :: WHEN(deadline < LAST - 1, deadline = deadline + 2; timer_runs = true)
    :: WHEN(deadline == LAST, skip)
    fi
}

inline run_round()
{
    expire_timers();
    take_ready();
    if
    :: WHEN(batch & E, skip); step_of_E()
    :: WHEN(!(batch & E), skip)
    fi;
    if
    :: WHEN(batch & T, skip); step_of_T()
    :: WHEN(!(batch & T), skip)
    fi
}

inline idle()
{
#if defined(BROKEN_LOOK_BEFORE_LOCK)
    if
    :: WHEN(ready == 0 && !stop, skip); LOCK; clock_sleep(); UNLOCK
    :: WHEN(ready != 0 || stop, skip)
    fi
#elif defined(BROKEN_SLEEP_AFTER_UNLOCK)
    LOCK;
    if
    :: WHEN(ready == 0 && !stop, skip); UNLOCK; clock_sleep()
    :: WHEN(ready != 0 || stop, skip); UNLOCK
    fi
#elif defined(BROKEN_STOP_NOT_LOOKED_AT)
    LOCK;
    if
    :: WHEN(ready == 0, skip); clock_sleep()
    :: WHEN(ready != 0, skip)
    fi;
    UNLOCK
#else
    LOCK;
    if
    :: WHEN(ready == 0 && !stop, skip); clock_sleep()
    :: WHEN(ready != 0 || stop, skip)
    fi;
    UNLOCK
#endif
}

active proctype loop()
{
    byte batch;
    ready = E | T;
    do
    :: run_round();
       if
       :: WHEN(stop, ended = true); break
       :: WHEN(!stop, skip)
       fi;
       idle()
    od
}

/* --- What has to hold ---------------------------------------------------- */

#define ALL_SEEN (sets == SETS && !PENDING && !is_set && ready == 0)
#define ALL_MET  (time == LAST && deadline == LAST && !timer_runs)

#if defined(STOP)
ltl stops { <> ended }
#else
ltl settles { <> [] (asleep && ALL_SEEN && ALL_MET) }
#endif
