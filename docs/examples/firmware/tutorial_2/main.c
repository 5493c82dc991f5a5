#include <async/async.h>
#include <async/port/cortex_m.h>

#define LEDS (*(volatile uint32_t *)0x40028000) /* bits 0 and 1 */

void SysTick_Handler(void)
{
    async_systick_interrupt();
}

struct blink {
    ASYNC_FRAME;
    int i;
};

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        LEDS |= 1;
        AWAIT(async_sleep(ASYNC_MS(500)));
        LEDS &= ~1u;
        AWAIT(async_sleep(ASYNC_MS(500)));
    }
    ASYNC_END();
}

int main(void)
{
    LEDS = 0;
    async_loop_t loop;
    async_loop_init(&loop, async_systick_clock(25000000));

    ASYNC_OBJECT(blink, blink);
    return async_run(&loop, &blink.coro);
}
