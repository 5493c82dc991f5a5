#include <async/async.h>
#include <async/port/cortex_m.h>

#include <stdio.h>

#define LEDS (*(volatile uint32_t *)0x40028000) /* bits 0 and 1 */

/* --- Interrupts ----------------------------------------------------------- */

#define UART_DATA    (*(volatile uint32_t *)0x40004000)
#define UART_CONTROL (*(volatile uint32_t *)0x40004008)
#define UART_CLEAR   (*(volatile uint32_t *)0x4000400C)
#define UART_DIVIDER (*(volatile uint32_t *)0x40004010)
#define NVIC_ENABLE  (*(volatile uint32_t *)0xE000E100)

static ASYNC_QUEUE(char, 16) keys = ASYNC_QUEUE_INIT(keys);
static volatile unsigned keys_lost;

void SysTick_Handler(void)
{
    async_systick_interrupt();
}

void UARTRX0_Handler(void)
{
    UART_CLEAR = 2; /* "received"; before the next byte may come */
    char key = (char)UART_DATA;
    if (async_queue_try_put(&keys, &key) != ASYNC_OK) {
        keys_lost++;
    }
}

static void uart_start(void)
{
    UART_DIVIDER = 16;
    UART_CONTROL = 2 | 8; /* receive, and interrupt when a byte has come */
    NVIC_ENABLE = 1 << 0; /* interrupt 0 */
}

/* --- Tasks ---------------------------------------------------------------- */

struct blink {
    ASYNC_FRAME;
};

ASYNC(blink)
{
    ASYNC_BEGIN();
    for (;;) {
        LEDS |= 1;
        AWAIT(async_sleep(ASYNC_MS(500)));
        LEDS &= ~1u;
        AWAIT(async_sleep(ASYNC_MS(500)));
    }
    ASYNC_FINALLY();
    LEDS &= ~1u;
    ASYNC_END();
}

struct app {
    ASYNC_FRAME;
    char key;
    async_task_t task;
    struct blink blink;
};

ASYNC(app)
{
    ASYNC_BEGIN();
    self->blink = ASYNC_CALL(blink);
    async_spawn(async_current_loop(), &self->task, &self->blink.coro);
    do {
        AWAIT_GET(&keys, &self->key);
        LEDS ^= 2;
        printf("key %c\n", self->key);
    } while (self->key != 'q');
    ASYNC_END();
}

int main(void)
{
    static struct app app = ASYNC_CALL_INIT(app);
    LEDS = 0;
    uart_start();
    async_loop_t loop;
    async_loop_init(&loop, async_systick_clock(25000000));
    return async_run(&loop, &app.coro);
}
