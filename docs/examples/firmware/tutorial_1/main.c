#include <stdint.h>
#include <stdio.h>

#define LEDS (*(volatile uint32_t *)0x40028000) /* bits 0 and 1 */

int main(void)
{
    LEDS = 0;
    printf("hello\n");
    LEDS = 1;
    return 0;
}
