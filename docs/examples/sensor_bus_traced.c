/* SPDX-License-Identifier: MIT */

/*
 * sensor_bus, traced from its first step to its last: the ring is written to a
 * file when the program ends.
 *
 *     cc -DASYNC_TRACE=1 ... sensor_bus_traced.c
 *     ./sensor_bus_traced sensor_bus.trace
 */
#define main run_sensor_bus
int main(void);
#include "sensor_bus.c"
#undef main

static ASYNC_TRACE_RING(1024) ring;

static int save(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(&ring, sizeof ring, 1, file) != 1 ||
        fclose(file) != 0) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    async_trace_start(&ring);
    int status = run_sensor_bus();
    async_trace_stop();
    return status != 0 || (argc > 1 && save(argv[1]) != 0);
}
