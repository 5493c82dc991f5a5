/* SPDX-License-Identifier: MIT */

/*
 * shell.c: the console that every firmware has
 *
 * The shell reads lines and runs commands, while blinkers, one task each, go
 * on blinking. This file is the same on every machine; shell.h says what it
 * wants of one.
 */
#include "shell.h"

#include <stdio.h>
#include <string.h>

/* --- Lines ---------------------------------------------------------------- */

#define LINE_SIZE 64

struct input {
    char line[LINE_SIZE];
    int length;     /* LINE_SIZE: the line is too long */
    char bytes[32]; /* received; from `next` to `count` not taken yet */
    int next;
    int count; /* CONSOLE_ENDED: no more will come */
};

/* CR and LF both end a line: CRLF makes a line and an empty one. A control
 * character in a line, NUL above all, becomes a question mark. */
static bool take_line(struct input *input)
{
    while (input->next < input->count) {
        char byte = input->bytes[input->next++];
        if (byte == '\n' || byte == '\r') {
            return true;
        }
        if (input->length < LINE_SIZE) {
            bool is_control = (unsigned char)byte < ' ' && byte != '\t';
            input->line[input->length++] = is_control ? '?' : byte;
        }
    }
    return input->count == CONSOLE_ENDED;
}

struct read_line {
    ASYNC_FRAME;
    bool result;         /* false: the input has ended */
    struct input *input; /* argument: the line, and what follows it */
};

ASYNC_STATIC(read_line)
{
    ASYNC_BEGIN();
    self->input->length = 0;
    while (!take_line(self->input)) {
        AWAIT(console_readable());
        self->input->next = 0;
        self->input->count =
            console_read(self->input->bytes, sizeof self->input->bytes);
    }
    ASYNC_RETURN(self->input->length > 0 ||
                 self->input->count != CONSOLE_ENDED);
    ASYNC_END();
}

/* --- Blinkers ------------------------------------------------------------- */

#define BLINKERS  4
#define NAME_SIZE 12
#define MS_MAX    (ASYNC_TICKS_MAX / ASYNC_TICKS_PER_SECOND * 1000UL)

struct blink {
    ASYNC_FRAME;
    char name[NAME_SIZE]; /* empty: this blinker is free */
    unsigned long ms;     /* argument: the period */
    unsigned long blinks;
    async_ticker_t ticker;
};

ASYNC_STATIC(blink)
{
    ASYNC_BEGIN();
    async_ticker_start(&self->ticker, ASYNC_MS(self->ms));
    for (;;) {
        printf("%s %s\n", self->name, self->blinks % 2 == 0 ? "on" : "off");
        self->blinks++;
        AWAIT(async_ticker_wait(&self->ticker));
    }
    ASYNC_FINALLY();
    printf("%s stopped after %lu blinks\n", self->name, self->blinks);
    self->name[0] = '\0';
    ASYNC_END();
}

struct blinker {
    async_task_t task;
    struct blink blink;
};

/* --- Commands ------------------------------------------------------------- */

#define WORDS 3 /* of the longest command */

struct shell {
    ASYNC_FRAME;
    struct input input;
    struct read_line read;  /* the call in progress */
    char *words[WORDS + 1]; /* of the line; one more shows that it is wrong */
    int error;              /* of the last command */
    bool quit;
    struct blinker blinkers[BLINKERS];
};

/* A command does its work at once and returns what the shell then waits for.
 * If there is nothing, everyone else has a turn. */
typedef async_wait_t command_t(struct shell *shell);

static command_t do_help, do_blink, do_stop, do_tasks, do_sleep, do_quit;

static const struct command {
    const char *name;
    int words;
    command_t *run;
    const char *usage;
} commands[] = {
    {"help", 1, do_help, "help"},
    {"blink", 3, do_blink, "blink <name> <period ms>"},
    {"stop", 2, do_stop, "stop <name>"},
    {"tasks", 1, do_tasks, "tasks"},
    {"sleep", 2, do_sleep, "sleep <ms>"},
    {"quit", 1, do_quit, "quit"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static async_wait_t done(void)
{
    return async_sleep(0);
}

static async_wait_t refuse(const char *reason, const char *what)
{
    printf("error: %s: %s\n", reason, what);
    return done();
}

static async_wait_t refuse_ms(const char *what)
{
    printf("error: not 1 to %lu ms: %s\n", (unsigned long)MS_MAX, what);
    return done();
}

/* Digits only. Returns: 1 to MS_MAX; 0 for anything else. */
static unsigned long parse_ms(const char *text)
{
    unsigned long ms = 0;
    for (; *text >= '0' && *text <= '9' && ms <= MS_MAX / 10; text++) {
        ms = ms * 10 + (unsigned long)(*text - '0');
    }
    return *text == '\0' && ms <= MS_MAX ? ms : 0;
}

/* Returns: the blinker of that name, NULL if none. "" finds a free one. */
static struct blinker *find(struct shell *shell, const char *name)
{
    for (int i = 0; i < BLINKERS; i++) {
        if (strcmp(shell->blinkers[i].blink.name, name) == 0) {
            return &shell->blinkers[i];
        }
    }
    return NULL;
}

static async_wait_t do_help(struct shell *shell)
{
    (void)shell;
    for (size_t i = 0; i < COMMANDS; i++) {
        printf("%s\n", commands[i].usage);
    }
    return done();
}

static async_wait_t do_blink(struct shell *shell)
{
    const char *name = shell->words[1];
    unsigned long ms = parse_ms(shell->words[2]);
    struct blinker *blinker = find(shell, "");
    if (strlen(name) >= NAME_SIZE) {
        return refuse("name is too long", name);
    }
    if (ms == 0) {
        return refuse_ms(shell->words[2]);
    }
    if (find(shell, name) != NULL) {
        return refuse("name is taken", name);
    }
    if (blinker == NULL) {
        return refuse("no blinker is free", name);
    }
    blinker->blink = ASYNC_CALL(blink, .ms = ms);
    strcpy(blinker->blink.name, name);
    async_spawn(async_current_loop(), &blinker->task, &blinker->blink.coro);
    return done();
}

static async_wait_t do_stop(struct shell *shell)
{
    struct blinker *blinker = find(shell, shell->words[1]);
    if (blinker == NULL) {
        return refuse("no such blinker", shell->words[1]);
    }
    async_cancel(&blinker->task);
    return async_join(&blinker->task);
}

static async_wait_t do_tasks(struct shell *shell)
{
    for (int i = 0; i < BLINKERS; i++) {
        const struct blink *blink = &shell->blinkers[i].blink;
        if (blink->name[0] != '\0') {
            printf("%s: every %lu ms, %lu blinks\n", blink->name, blink->ms,
                   blink->blinks);
        }
    }
    return done();
}

static async_wait_t do_sleep(struct shell *shell)
{
    unsigned long ms = parse_ms(shell->words[1]);
    return ms > 0 ? async_sleep(ASYNC_MS(ms)) : refuse_ms(shell->words[1]);
}

static async_wait_t do_quit(struct shell *shell)
{
    shell->quit = true;
    return done();
}

/* --- Shell ---------------------------------------------------------------- */

/* Cut the line into words. Returns: how many, the one too many included. */
static int split(struct shell *shell)
{
    int count = 0;
    char *word = strtok(shell->input.line, " \t");
    while (word != NULL && count <= WORDS) {
        shell->words[count++] = word;
        word = strtok(NULL, " \t");
    }
    return count;
}

static async_wait_t run_words(struct shell *shell, int count)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, shell->words[0]) == 0) {
            return commands[i].words == count
                       ? commands[i].run(shell)
                       : refuse("usage", commands[i].usage);
        }
    }
    return refuse("unknown command, try help", shell->words[0]);
}

static async_wait_t run_line(struct shell *shell)
{
    if (shell->input.length == LINE_SIZE) {
        return refuse("line is too long", "nothing done");
    }
    shell->input.line[shell->input.length] = '\0';
    int count = split(shell);
    return count > 0 ? run_words(shell, count) : done();
}

/* Joining a task that was cancelled raises ASYNC_ERR_CANCELLED: caught here. */
ASYNC_STATIC(shell)
{
    ASYNC_BEGIN();
    while (!self->quit) {
        console_prompt();
        AWAIT_CALL(self->read, read_line, .input = &self->input);
        if (!self->read.result) {
            break;
        }
        AWAIT_CATCH(self->error, run_line(self));
    }
    ASYNC_END();
}

async_coro_t *shell_coroutine(void)
{
    static struct shell shell = ASYNC_CALL_INIT(shell);
    return &shell.coro;
}
