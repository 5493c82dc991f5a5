typedef void handler(void);

handler _start; /* the C library's, which calls main */
extern char __stack[];

static void stop(void)
{
    for (;;) {
    }
}

/* The program may define these; if not, they are stop. */
handler SysTick_Handler __attribute__((weak, alias("stop")));
handler UARTRX0_Handler __attribute__((weak, alias("stop")));

/* What the processor reads first: the stack, then where to go. */
const struct {
    char *stack;
    handler *exceptions[15];
    handler *interrupts[1];
} __interrupt_vector __attribute__((section(".data.init.enter"), used)) = {
    .stack = __stack,
    .exceptions = {_start, stop, stop, stop, stop, stop, 0, 0, 0, 0, stop, stop,
                   0, stop, SysTick_Handler},
    .interrupts = {UARTRX0_Handler},
};
