/*
 * A codec for HJP/1, made testable: a line of JSON in, a line of JSON out.
 *
 *     gcc -std=c11 -Wall -Wextra -O2 -o codec_testee codec_testee.c
 *     echo '{"cmd":"describe"}' | ./codec_testee
 *
 * It runs as it is.  Replace the naive codec below by your own: the rest can stay.
 */
#define _POSIX_C_SOURCE 200809L /* getline */

#include <sys/types.h>

#include "skeleton.h"

/* The decoder calls this for each frame that is complete and accepted. */
static void found(struct octets json, struct octets payload);

/* ---- YOUR CODEC HERE ------------------------------------------------------------------ *
 *
 * Call your codec in these functions.  What is here instead believes most of what it reads.
 */

static const uint8_t START[8] = "HJP\xff\1\0\0"; /* magic, version, reserved */

static struct buffer waiting; /* octets that are not yet a whole frame */

/* A new stream begins, with this limit. */
static void begin(uint32_t max_payload) {
    (void)max_payload;
    waiting.length = 0;
}

/* Takes some octets and reports each frame that they complete.  Returns NULL, or the code for
   which a frame is refused; feed() is not called again then. */
static const char *feed(struct octets chunk) {
    size_t taken = 0;
    add(&waiting, chunk);
    while (waiting.length - taken >= 5) { /* which tell a stranger */
        const uint8_t *frame = waiting.at + taken;
        if (memcmp(frame, START, 5) != 0) return "bad_magic";
        if (waiting.length - taken < 16) break;
        size_t size = uint32_at(frame + 8), rest = uint32_at(frame + 12);
        if (waiting.length - taken < 16 + size + rest) break;
        struct octets json = {frame + 16, size}, object = json;
        if (!is_object(&object)) return "bad_json";
        found(json, (struct octets){frame + 16 + size, rest});
        taken += 16 + size + rest;
    }
    waiting.length -= taken;
    if (taken > 0) memmove(waiting.at, waiting.at + taken, waiting.length);
    return NULL;
}

/* The input has ended: whether that is between two frames. */
static bool end(void) {
    return waiting.length == 0;
}

/* Writes a frame.  Returns NULL, or the code for which no receiver could accept it. */
static const char *encode(struct octets json, struct octets payload, uint32_t max_payload,
                          struct buffer *frame) {
    (void)max_payload;
    add(frame, (struct octets){START, sizeof START});
    add_uint32(frame, json.length);
    add_uint32(frame, payload.length);
    add(frame, json);
    add(frame, payload);
    return NULL;
}

/* ---- End of your codec.  What follows speaks with the suite. --------------------------- */

static struct buffer reply, scratch;
static size_t frames, consumed;

static void add_number(struct buffer *b, size_t number) {
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", number);
    add_text(b, digits);
}

static void found(struct octets json, struct octets payload) {
    add_text(&reply, frames++ == 0 ? "{\"json\":" : ",{\"json\":");
    add_json(&reply, json);
    add_text(&reply, ",\"payload\":\"");
    add_hex(&reply, payload);
    add_text(&reply, "\"}");
    consumed += 16 + json.length + payload.length;
}

/* The octets of a string of hexadecimal digits, in scratch. */
static bool read_octets(struct octets value) {
    struct buffer digits = {0};
    scratch.length = 0;
    bool good = add_string(&digits, value) && add_unhex(&scratch, octets_of(&digits));
    free(digits.at);
    return good;
}

static bool read_limit(struct octets line, uint32_t *limit) {
    struct octets value;
    uint64_t number = 0;
    *limit = 65536;
    if (!find(line, "max_payload", &value)) return true;
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') return false;
        number = 10 * number + (uint64_t)(value.at[i] - '0');
        if (number > UINT32_MAX) return false;
    }
    *limit = (uint32_t)number;
    return true;
}

/* A command adds its reply and returns NULL, or returns why the line makes no sense. */
typedef const char *command(struct octets line);

/* Leave out "encode" if your codec only reads. */
static const char *run_describe(struct octets line) {
    (void)line;
    add_text(&reply, "{\"status\":\"ok\",\"testee\":1,\"name\":\"my-codec 0.1\",\"codes\":true,"
                     "\"commands\":[\"describe\",\"decode\",\"encode\",\"reset\"]}");
    return NULL;
}

/* Feeds the chunks to the codec, one by one, then the end of the input. */
static const char *run_decode(struct octets line) {
    struct octets chunks, chunk;
    const char *code = NULL;
    uint32_t limit;
    if (!read_limit(line, &limit)) return "max_payload is out of range";
    if (!find(line, "chunks", &chunks) || *chunks.at != '[') return "chunks is a list";
    frames = consumed = 0;
    begin(limit);
    add_text(&reply, "{\"frames\":[");
    while (next(&chunks, NULL, &chunk)) {
        if (!read_octets(chunk)) return "octets are hexadecimal digits in pairs";
        if (code == NULL) code = feed(octets_of(&scratch));
    }
    add_text(&reply, "],\"consumed\":");
    add_number(&reply, consumed);
    if (code != NULL) {
        add_text(&reply, ",\"status\":\"reject\",\"code\":");
        add_json(&reply, word(code));
        add_text(&reply, "}");
    } else {
        add_text(&reply, end() ? ",\"status\":\"accept\"}" : ",\"status\":\"incomplete\"}");
    }
    return NULL;
}

static const char *run_encode(struct octets line) {
    struct octets json, payload;
    struct buffer text = {0}, frame = {0};
    uint32_t limit;
    scratch.length = 0;
    if (!read_limit(line, &limit)) return "max_payload is out of range";
    if (!find(line, "json", &json) || *json.at != '"') return "json is a string";
    if (find(line, "payload", &payload) && !read_octets(payload))
        return "octets are hexadecimal digits in pairs";
    /* Half a surrogate pair cannot be written in UTF-8: no codec needs to see it. */
    const char *code = add_string(&text, json) ? NULL : "bad_json";
    if (code == NULL) code = encode(octets_of(&text), octets_of(&scratch), limit, &frame);
    if (code != NULL) {
        add_text(&reply, "{\"status\":\"reject\",\"code\":");
        add_json(&reply, word(code));
        add_text(&reply, "}");
    } else {
        add_text(&reply, "{\"status\":\"ok\",\"hex\":\"");
        add_hex(&reply, octets_of(&frame));
        add_text(&reply, "\"}");
    }
    free(text.at);
    free(frame.at);
    return NULL;
}

/* Forgets everything: nothing is kept between two lines anyway. */
static const char *run_reset(struct octets line) {
    (void)line;
    add_text(&reply, "{\"status\":\"ok\"}");
    return NULL;
}

static const struct {
    const char *name;
    command *run;
} COMMANDS[] = {{"describe", run_describe},
                {"decode", run_decode},
                {"encode", run_encode},
                {"reset", run_reset}};

static const char *run(struct octets line) {
    struct octets cmd;
    if (!is_object(&line)) return "a line is a JSON object";
    if (!find(line, "cmd", &cmd)) return "there is no cmd";
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (is_string(cmd, COMMANDS[i].name)) return COMMANDS[i].run(line);
    return "cmd is not one of these";
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) > 0) {
        reply.length = 0;
        const char *wrong = run((struct octets){(const uint8_t *)line, (size_t)length});
        if (wrong != NULL) {
            reply.length = 0;
            add_text(&reply, "{\"status\":\"error\",\"message\":");
            add_json(&reply, word(wrong));
            add_text(&reply, "}");
        }
        add_text(&reply, "\n");
        fwrite(reply.at, 1, reply.length, stdout);
        fflush(stdout); /* the suite waits for this line */
    }
    free(line);
    return 0;
}
