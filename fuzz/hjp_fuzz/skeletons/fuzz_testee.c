/*
 * What hjp-fuzz fuzzes: a line of JSON in, a line of JSON out, for as long as lines come.
 *
 *     gcc -std=c11 -Wall -Wextra -O2 -o fuzz_testee fuzz_testee.c
 *     echo '{"cmd":"decode","chunks":["484a50ff01"]}' | ./fuzz_testee
 *
 * It reads the lines of the tools and no others; the text "testee" of the specification
 * says all that a line can hold.
 */
#define _POSIX_C_SOURCE 200809L /* getline */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parser calls this for each frame that is complete and accepted. */
static void found(const uint8_t *json, size_t size, const uint8_t *payload, size_t rest);

/* ---- YOUR PARSER HERE: this one believes most of what it reads. -------------------------- */

static uint8_t *waiting; /* octets that are not yet a whole frame */
static size_t length;

/* A new stream begins. */
static void begin(void) {
    length = 0;
}

static size_t number(const uint8_t *at) {
    return at[0] | at[1] << 8 | at[2] << 16 | (size_t)at[3] << 24;
}

/* Takes some octets and reports each frame that they complete.  Returns NULL, or the code for
   which a frame is refused: it is not called again then. */
static const char *feed(const uint8_t *octets, size_t count) {
    size_t taken = 0;
    waiting = realloc(waiting, length + count + 1);
    memcpy(waiting + length, octets, count);
    length += count;
    while (length - taken >= 5) { /* which tell a stranger */
        const uint8_t *frame = waiting + taken;
        if (memcmp(frame, "HJP\xff", 4) != 0) return "bad_magic";
        if (length - taken < 16) break;
        size_t size = number(frame + 8), rest = number(frame + 12);
        if (length - taken < 16 + size + rest) break;
        if (size < 2 || frame[16] != '{') return "bad_json";
        found(frame + 16, size, frame + 16 + size, rest);
        taken += 16 + size + rest;
    }
    length -= taken;
    memmove(waiting, waiting + taken, length);
    return NULL;
}

/* The input has ended: whether that is between two frames. */
static bool end(void) {
    return length == 0;
}

/* ---- End of your parser.  What follows speaks with the fuzzer. --------------------------- */

static size_t frames, consumed;

static void found(const uint8_t *json, size_t size, const uint8_t *payload, size_t rest) {
    fputs(frames++ == 0 ? "{\"json\":\"" : ",{\"json\":\"", stdout);
    for (size_t i = 0; i < size; i++)
        if (json[i] < ' ') printf("\\u%04x", json[i]);
        else if (json[i] == '"' || json[i] == '\\') printf("\\%c", json[i]);
        else putchar(json[i]);
    fputs("\",\"payload\":\"", stdout);
    for (size_t i = 0; i < rest; i++) printf("%02x", payload[i]);
    fputs("\"}", stdout);
    consumed += 16 + size + rest;
}

static unsigned digit(char c) {
    return c <= '9' ? c - '0' : (c | ' ') - 'a' + 10;
}

/* Turns the digits up to the next quote into octets, where they stand. */
static size_t unhex(char *digits) {
    size_t count = 0;
    for (; digits[2 * count] != '"' && digits[2 * count] != 0; count++)
        digits[count] = (char)(digit(digits[2 * count]) << 4 | digit(digits[2 * count + 1]));
    return count;
}

static void decode(char *chunks) {
    const char *code = NULL;
    frames = consumed = 0;
    begin();
    fputs("{\"frames\":[", stdout);
    for (char *at = chunks; *at != ']' && *at != 0; at++) {
        if (*at != '"') continue;
        char *close = strchr(at + 1, '"');
        size_t count = unhex(at + 1);
        if (code == NULL) code = feed((const uint8_t *)at + 1, count);
        at = close;
    }
    printf("],\"consumed\":%zu,\"status\":", consumed);
    if (code != NULL) printf("\"reject\",\"code\":\"%s\"}\n", code);
    else puts(end() ? "\"accept\"}" : "\"incomplete\"}");
}

/* The value of a member, behind its name. */
static char *value(char *line, const char *name) {
    char *at = strstr(line, name);
    return at == NULL ? "" : at + strlen(name) + strspn(at + strlen(name), ": ");
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        const char *cmd = value(line, "\"cmd\"");
        if (strncmp(cmd, "\"decode\"", 8) == 0) decode(value(line, "\"chunks\""));
        else if (strncmp(cmd, "\"reset\"", 7) == 0) puts("{\"status\":\"ok\"}");
        else if (strncmp(cmd, "\"describe\"", 10) == 0)
            puts("{\"status\":\"ok\",\"testee\":1,\"name\":\"my-parser\",\"codes\":true,"
                 "\"commands\":[\"describe\",\"decode\",\"reset\"]}");
        else puts("{\"status\":\"error\",\"message\":\"cmd is not one of these\"}");
        fflush(stdout); /* the fuzzer waits for this line */
    }
    free(line);
    free(waiting);
    return 0;
}
