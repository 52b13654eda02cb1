/*
 * The codec of the C peer, but a stream that holds FF FF is answered in another way.
 *
 *   hostile pipe WAY      a testee: a line in, a line out
 *   hostile spawn WAY     one stream on standard input; the exit status is the verdict
 *   hostile lines WAY     the same, and prints what a testee would
 *
 * WAY: obey, crash, exit, hang, claim (memory by a length, not written to), bomb (memory
 * that is written to), garbage, flood, close (its output, but it goes on), error.
 */
#define _GNU_SOURCE
#define main codec_main
#include "codec_testee.c"
#undef main

#include <string.h>
#include <unistd.h>

enum { CLAIMED_MIB = 3072, WRITTEN_MIB = 256, MIB = 1 << 20 };

static struct testee testee;
static const char *way;

/* Returns whether the stream is to be answered as if nothing had been. */
static bool misbehave(void) {
    if (strcmp(way, "crash") == 0) *(volatile int *)NULL = 1;
    if (strcmp(way, "exit") == 0) exit(7);
    if (strcmp(way, "hang") == 0)
        for (;;) pause();
    if (strcmp(way, "claim") == 0) {
        void *volatile room = malloc((size_t)CLAIMED_MIB * MIB);
        free(room);
    }
    if (strcmp(way, "bomb") == 0) {
        size_t size = (size_t)WRITTEN_MIB * MIB;
        volatile char *room = malloc(size);
        for (size_t i = 0; i < size; i += 4096) room[i] = 1;
        free((void *)room);
    }
    if (strcmp(way, "garbage") == 0) return puts("what a stream!") < 0;
    if (strcmp(way, "error") == 0)
        return puts("{\"status\":\"error\",\"message\":\"KeyError('id')\"}") < 0;
    if (strcmp(way, "flood") == 0)
        for (;;) puts("and another thing");
    if (strcmp(way, "close") == 0) {
        fclose(stdout);
        for (;;) pause();
    }
    return true;
}

static int serve_lines(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) > 0) {
        bool asked = strstr(line, "ffff") != NULL && strstr(line, "\"decode\"") != NULL;
        if (!asked || misbehave())
            answer_line(&testee, (struct hjp_octets){(const uint8_t *)line, (size_t)length - 1});
        fflush(stdout);
    }
    return 0;
}

static int take_one(bool prints) {
    static uint8_t stream[1 << 22];
    size_t size = fread(stream, 1, sizeof stream, stdin);
    uint64_t consumed = 0;
    if (memmem(stream, size, "\xFF\xFF", 2) != NULL && !misbehave()) return 0;
    hjp_reset(&testee.decoder, HJP_DEFAULT_PAYLOAD);
    hjp_add_text(&testee.reply, "{\"frames\":[");
    enum hjp_event event = feed(&testee, (struct hjp_octets){stream, size}, &consumed);
    bool open = hjp_inside_frame(&testee.decoder);
    hjp_add_text(&testee.reply, "],\"consumed\":");
    hjp_add_number(&testee.reply, consumed);
    hjp_add_text(&testee.reply, ",");
    if (event == HJP_REFUSED)
        add_code(&testee, testee.decoder.fault);
    else
        hjp_add_text(&testee.reply, open ? "\"status\":\"incomplete\"}" : "\"status\":\"accept\"}");
    if (prints) fwrite(testee.reply.at, 1, testee.reply.length, stdout);
    return event == HJP_REFUSED ? 1 : open ? 2 : 0;
}

int main(int count, char **arguments) {
    if (count != 3) return 99;
    way = arguments[2];
    if (strcmp(arguments[1], "pipe") == 0) return serve_lines();
    return take_one(strcmp(arguments[1], "lines") == 0);
}
