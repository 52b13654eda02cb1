/*
 * The codec of hjp.c as a testee: reads a line, answers it by a line, until its input ends.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "hjp.h"

struct testee {
    struct hjp_document line; /* the request */
    struct hjp_decoder decoder;
    struct hjp_buffer octets; /* those of one string of hexadecimal digits */
    struct hjp_buffer reply;
};

/* What a command returns: NULL, or why the line makes no sense (HJP-TST-2). */
typedef const char *command(struct testee *t);

static const char *const NO_MEMORY = "no memory";

/* The members that several commands have. */

static const struct hjp_value *find(const struct testee *t, const char *name) {
    return hjp_find(&t->line, HJP_TOP, name);
}

/* The octets of a string of digits, in place of those before. */
static const char *read_hex(struct testee *t, struct hjp_octets digits) {
    hjp_clear(&t->octets);
    if (!hjp_add_unhex(&t->octets, digits)) return "octets are hexadecimal digits in pairs";
    return t->octets.failed ? NO_MEMORY : NULL;
}

static const char *read_max_payload(struct testee *t, uint32_t *most) {
    const struct hjp_value *v = find(t, "max_payload");
    *most = HJP_DEFAULT_PAYLOAD;
    if (v == NULL) return NULL;
    if (!hjp_is_integer(v, 0, UINT32_MAX)) return "max_payload is an integer of 32 bits";
    *most = (uint32_t)v->number;
    return NULL;
}

static void add_code(struct testee *t, const struct hjp_fault *fault) {
    hjp_add_text(&t->reply, "\"status\":\"reject\",\"code\":\"");
    hjp_add_text(&t->reply, fault->code);
    hjp_add_text(&t->reply, "\"}");
}

/* ---- decode ------------------------------------------------------------------------- */

/* Feeds one chunk to the codec and adds the frames that it completes to the reply. */
static enum hjp_event feed(struct testee *t, struct hjp_octets chunk, uint64_t *consumed) {
    struct hjp_decoder *d = &t->decoder;
    enum hjp_event event;
    while ((event = hjp_decode(d, &chunk)) == HJP_METADATA || event == HJP_FRAME) {
        if (event == HJP_METADATA) continue;
        hjp_add_text(&t->reply, *consumed == 0 ? "{\"json\":" : ",{\"json\":");
        hjp_add_string(&t->reply, d->json);
        hjp_add_text(&t->reply, ",\"payload\":\"");
        hjp_add_hex(&t->reply, hjp_octets_of(&d->payload));
        hjp_add_text(&t->reply, "\"}");
        *consumed += HJP_HEADER_SIZE + d->json.length + d->payload.length;
    }
    return event;
}

/* What is wrong with a later chunk is seen only when earlier ones have been fed; nobody can
   tell, as the reply is thrown away then. */
static const char *run_decode(struct testee *t) {
    const struct hjp_value *chunks = find(t, "chunks");
    enum hjp_event event = HJP_WANTS_MORE;
    struct hjp_octets chunk;
    uint64_t consumed = 0;
    uint32_t most;
    const char *wrong = read_max_payload(t, &most);
    if (wrong != NULL) return wrong;
    if (chunks == NULL || chunks->kind != HJP_ARRAY_OF_STRINGS)
        return "chunks is an array of strings";
    if (!hjp_reset(&t->decoder, most)) return NO_MEMORY; /* HJP-TST-3 */
    struct hjp_elements elements = hjp_elements_of(&t->line, chunks);
    hjp_add_text(&t->reply, "{\"frames\":[");
    while (hjp_next_element(&elements, &chunk)) { /* HJP-TST-4 */
        if ((wrong = read_hex(t, chunk)) != NULL) return wrong;
        event = feed(t, hjp_octets_of(&t->octets), &consumed);
        if (event == HJP_NO_MEMORY) return NO_MEMORY;
    }
    hjp_add_text(&t->reply, "],\"consumed\":");
    hjp_add_number(&t->reply, consumed);
    hjp_add_text(&t->reply, ",");
    if (event == HJP_REFUSED)
        add_code(t, t->decoder.fault);
    else if (hjp_inside_frame(&t->decoder))
        hjp_add_text(&t->reply, "\"status\":\"incomplete\"}");
    else
        hjp_add_text(&t->reply, "\"status\":\"accept\"}");
    return NULL;
}

/* ---- The other commands ------------------------------------------------------------- */

static const char *run_encode(struct testee *t) {
    const struct hjp_value *json = find(t, "json"), *payload = find(t, "payload");
    struct hjp_buffer frame = {0};
    uint32_t most;
    const char *wrong = read_max_payload(t, &most);
    if (wrong != NULL) return wrong;
    if (json == NULL || json->kind != HJP_STRING) return "json is a string";
    if (payload != NULL && payload->kind != HJP_STRING) return "payload is a string";
    if ((wrong = read_hex(t, payload == NULL ? hjp_word("") : payload->string)) != NULL)
        return wrong;
    if (!hjp_reset(&t->decoder, most)) return NO_MEMORY; /* its document serves here too */
    const struct hjp_fault *fault = hjp_encode(&frame, &t->decoder.metadata, json->string,
                                               hjp_octets_of(&t->octets), most);
    if (fault != NULL) {
        hjp_add_text(&t->reply, "{");
        add_code(t, fault);
    } else {
        hjp_add_text(&t->reply, "{\"status\":\"ok\",\"hex\":\"");
        hjp_add_hex(&t->reply, hjp_octets_of(&frame));
        hjp_add_text(&t->reply, "\"}");
    }
    wrong = frame.failed ? NO_MEMORY : NULL;
    free(frame.at);
    return wrong;
}

static const char *run_reset(struct testee *t) {
    hjp_add_text(&t->reply, "{\"status\":\"ok\"}"); /* nothing outlives a line anyway */
    return NULL;
}

static const char *run_describe(struct testee *t) {
    hjp_add_text(&t->reply,
                 "{\"status\":\"ok\",\"testee\":1,\"name\":\"hjp-c 1.0\",\"codes\":true,"
                 "\"commands\":[\"describe\",\"decode\",\"encode\",\"reset\"]}");
    return NULL;
}

static const struct {
    const char *cmd;
    command *run;
} COMMANDS[] = {{"describe", run_describe},
                {"decode", run_decode},
                {"encode", run_encode},
                {"reset", run_reset}};

static const char *run_line(struct testee *t, struct hjp_octets line) {
    if (!hjp_reserve(&t->line, line.length)) return NO_MEMORY;
    if (!hjp_scan(&t->line, line, HJP_ANY_RULES)) return "the line is not a JSON object";
    const struct hjp_value *cmd = find(t, "cmd");
    if (cmd == NULL || cmd->kind != HJP_STRING) return "cmd is a string";
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (hjp_same(cmd->string, hjp_word(COMMANDS[i].cmd))) return COMMANDS[i].run(t);
    return "no such cmd";
}

/* HJP-TST-1, HJP-TST-2 */
static void answer_line(struct testee *t, struct hjp_octets line) {
    hjp_clear(&t->reply);
    const char *wrong = run_line(t, line);
    if (t->reply.failed) wrong = NO_MEMORY;
    if (wrong != NULL) {
        printf("{\"status\":\"error\",\"message\":\"%s\"}\n", wrong);
    } else {
        fwrite(t->reply.at, 1, t->reply.length, stdout);
        putchar('\n');
    }
    fflush(stdout);
}

int main(void) {
    static struct testee t;
    static char in[65536];
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    setvbuf(stdin, in, _IOFBF, sizeof in);
    while ((length = getline(&line, &room, stdin)) > 0) {
        length -= line[length - 1] == '\n'; /* the last line may lack it */
        answer_line(&t, (struct hjp_octets){(const uint8_t *)line, (size_t)length});
    }
    free(line);
    free(t.octets.at);
    free(t.reply.at);
    hjp_release(&t.line);
    hjp_close(&t.decoder);
    return 0;
}
