/* SPDX-License-Identifier: MIT */

/*
 * For -include: the library without any hook (src/hooks.h), to compare the
 * object code of one in which all that hooks can do is off.
 */
#define ASYNC_HOOKS_H

#define ASYNC_HEARS_READY_   0
#define hook_spawn(...)      ((void)0)
#define hook_ready(...)      ((void)0)
#define hook_due(...)        ((void)0)
#define hook_run(...)        ((void)0)
#define hook_pause(...)      ((void)0)
#define hook_end(...)        ((void)0)
#define hook_called(...)     ((void)0)
#define hook_end_locked(...) ((void)0)
#define hook_raise(...)      ((void)0)
#define hook_sleep(...)      ((void)0)
#define hook_wake_up(...)    ((void)0)
#define hook_interrupt(...)  ((void)0)
#define async_tell_(report)  async_on_report(report)
