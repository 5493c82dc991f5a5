#include <async/async.h>
#include <async/port/cortex_m.h>

#define LEDS (*(volatile uint32_t *)0x40028000) /* bits 0 and 1 */

void SysTick_Handler(void)
{
    async_systick_interrupt();
}

struct blink {
    ASYNC_FRAME;
    uint32_t led;        /* argument: its bit */
    async_ticks_t pause; /* argument */
};

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        LEDS |= self->led;
        AWAIT(async_sleep(self->pause));
        LEDS &= ~self->led;
        AWAIT(async_sleep(self->pause));
    }
    ASYNC_FINALLY();
    LEDS &= ~self->led;
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    async_task_t tasks[2];
    struct blink blinks[2];
};

ASYNC(app)
{
    ASYNC_BEGIN();
    self->blinks[0] = ASYNC_CALL(blink, .led = 1, .pause = ASYNC_MS(500));
    self->blinks[1] = ASYNC_CALL(blink, .led = 2, .pause = ASYNC_MS(700));
    async_spawn(async_current_loop(), &self->tasks[0], &self->blinks[0].coro);
    async_spawn(async_current_loop(), &self->tasks[1], &self->blinks[1].coro);
    AWAIT(async_sleep(ASYNC_MS(1800)));
    ASYNC_END();
}

int main(void)
{
    static struct app app = ASYNC_CALL_INIT(app);
    LEDS = 0;
    async_loop_t loop;
    async_loop_init(&loop, async_systick_clock(25000000));
    return async_run(&loop, &app.coro);
}
