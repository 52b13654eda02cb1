/*
 * A client of HJP/1, made testable: its arguments say what to do.
 *
 *     gcc -std=c11 -Wall -Wextra -O2 -o client_testee client_testee.c
 *     HJP_URL=hjp://127.0.0.1:9507 ./client_testee ping + upper hi.txt
 *
 * It prints a line for each action.  The suite plays the server, right or wrong, and looks at
 * both.  It runs as it is: replace the naive client below by your own.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "skeleton.h"

/* What comes of a request, beginning with the word of its line:
   error: an error is the reply; unsent: to send it would break the protocol; fatal: a fatal
   error came; refused: the client does not accept a frame; lost: so is the connection.
   code says why; payload is that of a reply that is ok. */
struct outcome {
    const char *word;
    char code[64];
    struct buffer payload;
};

static bool fail(struct outcome *o, const char *word, const char *code) {
    o->word = word;
    snprintf(o->code, sizeof o->code, "%s", code);
    return false;
}

/* ---- YOUR CLIENT HERE ----------------------------------------------------------------- *
 *
 * Call your client in these functions: open_client, has_arrived, send_frame and receive_reply.
 * Those that return false have said why.  What is here instead believes most of what it is told.
 */

static const uint8_t START[8] = "HJP\xff\1\0\0"; /* magic, version, reserved */

static int server;
static unsigned long id;
static bool open_request; /* more frames of it follow */

static bool open_client(struct in_addr host, unsigned port, struct outcome *o) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = host};
    address.sin_port = htons((uint16_t)port);
    server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address) == 0) return true;
    return fail(o, "lost", "");
}

/* Whether there is something to read now. */
static bool has_arrived(void) {
    struct pollfd entry = {server, POLLIN, 0};
    return poll(&entry, 1, 0) > 0;
}

/* Sends one frame: of a new request, unless the last one said that more would follow.  members
   are further ones, each with a comma before it. */
static bool send_frame(const char *op, const char *members, struct octets payload, bool more,
                       struct outcome *o) {
    struct buffer json = {0}, frame = {0};
    char digits[24];
    if (!open_request) id++;
    open_request = more;
    snprintf(digits, sizeof digits, "{\"id\":%lu", id);
    add_text(&json, digits);
    add_text(&json, ",\"op\":");
    add_json(&json, word(op));
    add_text(&json, members);
    add_text(&json, more ? ",\"more\":true}" : "}");
    add(&frame, (struct octets){START, sizeof START});
    add_uint32(&frame, json.length);
    add_uint32(&frame, payload.length);
    add(&frame, octets_of(&json));
    add(&frame, payload);
    ssize_t n = 1;
    for (size_t at = 0; n > 0 && at < frame.length; at += (size_t)n)
        n = send(server, frame.at + at, frame.length - at, MSG_NOSIGNAL);
    free(json.at);
    free(frame.at);
    return n > 0 || fail(o, "lost", "");
}

/* Reads just so many octets, however they arrive. */
static bool read_all(uint8_t *to, size_t length, struct outcome *o) {
    ssize_t n = 1;
    for (size_t at = 0; n > 0 && at < length; at += (size_t)n)
        n = recv(server, to + at, length - at, 0);
    return n > 0 || fail(o, "lost", "");
}

/* Waits for the next final reply. */
static bool receive_reply(struct outcome *o) {
    static uint8_t json[65536], payload[65536];
    uint8_t header[16];
    struct octets ok, reply_id, error, code;
    struct buffer told = {0};
    o->payload.length = 0;
    if (!read_all(header, 5, o)) return false;
    if (memcmp(header, START, 5) != 0) return fail(o, "refused", "bad_magic"); /* a stranger */
    if (!read_all(header + 5, 11, o)) return false;
    uint32_t size = uint32_at(header + 8), rest = uint32_at(header + 12);
    if (size > sizeof json || rest > sizeof payload) return fail(o, "refused", "too_large");
    if (!read_all(json, size, o)) return false;
    struct octets reply = {json, size};
    if (!is_object(&reply)) return fail(o, "refused", "bad_json");
    if (!find(reply, "ok", &ok) || !find(reply, "id", &reply_id))
        return fail(o, "refused", "bad_frame");
    if (!read_all(payload, rest, o)) return false;
    if (same(ok, word("true"))) {
        o->word = "ok";
        add(&o->payload, (struct octets){payload, rest});
        return true;
    }
    if (!find(reply, "error", &error) || !is_object(&error) || !find(error, "code", &code) ||
        !add_string(&told, code))
        return fail(o, "refused", "bad_frame");
    add_octet(&told, 0);
    fail(o, same(reply_id, word("0")) ? "fatal" : "error", (const char *)told.at);
    free(told.at);
    return false;
}

/* ---- End of your client.  What follows does the actions and prints the lines. ---------- */

struct action {
    const char *op;
    char members[64];
    struct buffer payload;
    unsigned long times; /* sent without waiting */
    bool is_call;        /* its frames come from standard input */
};

static int status = 0;

/* Prints a line, and exits if nothing can follow it. */
static void say(const struct outcome *o) {
    struct buffer line = {0};
    bool ok = strcmp(o->word, "ok") == 0;
    const char *space = (ok ? o->payload.length > 0 : o->code[0] != 0) ? " " : "";
    if (ok)
        add_hex(&line, octets_of(&o->payload));
    else
        add_text(&line, o->code);
    printf("%s%s%.*s\n", o->word, space, (int)line.length, (const char *)line.at);
    fflush(stdout);
    free(line.at);
    if (!ok) status = 1;
    if (!ok && strcmp(o->word, "error") != 0 && strcmp(o->word, "unsent") != 0) exit(status);
}

/* Sends the requests; what arrives meanwhile is read before the next one is sent. */
static void run(const struct action *a) {
    struct outcome o = {0};
    unsigned long to_send = a->times, to_come = a->times;
    while (to_come > 0) {
        if (to_send > 0 && !has_arrived()) {
            to_send--;
            if (send_frame(a->op, a->members, octets_of(&a->payload), false, &o)) continue;
        } else {
            receive_reply(&o);
        }
        to_come--;
        say(&o);
    }
    free(o.payload.at);
}

/* Sends a frame for each line: "more HEX" or "last HEX", HEX may be missing.  A reply may come
   before the last frame: then the request is ended at once, by a frame without payload, and
   the lines that are left are only read. */
static void call(const struct action *a) {
    struct outcome o = {0};
    struct buffer payload = {0};
    char *line = NULL;
    size_t room = 0;
    bool last = false, answered = false;
    while (!last && getline(&line, &room, stdin) > 0) {
        last = strncmp(line, "last", 4) == 0;
        if (answered) continue;
        line[strcspn(line, "\n")] = 0;
        payload.length = 0;
        if (line[4] == ' ') add_unhex(&payload, word(line + 5));
        if (has_arrived()) {
            answered = true;
            if (receive_reply(&o) || strcmp(o.word, "error") == 0)
                send_frame(a->op, "", word(""), false, &o);
        } else {
            answered = !send_frame(a->op, "", octets_of(&payload), !last, &o);
        }
        if (answered) say(&o);
    }
    if (!answered) {
        receive_reply(&o);
        say(&o);
    }
    free(line);
    free(payload.at);
    free(o.payload.at);
}

static void load(struct buffer *to, const char *name) {
    uint8_t some[4096];
    size_t n;
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    while ((n = fread(some, 1, sizeof some, file)) > 0) add(to, (struct octets){some, n});
    fclose(file);
}

/* One action from its words.  False: it is not offered; take out what your client cannot do,
   and the suite skips the cases that need it. */
static bool read_action(struct action *a, char **words, int count) {
    if (count == 0) return false;
    *a = (struct action){.op = words[0], .times = 1};
    if (strcmp(a->op, "ping") == 0) return count == 1;
    if (strcmp(a->op, "hello") == 0 && count <= 2) {
        const char *most = count == 2 ? words[1] : "";
        snprintf(a->members, sizeof a->members, ",\"limits\":{%s%s}",
                 count == 2 ? "\"max_payload\":" : "", most);
        return true;
    }
    if ((strcmp(a->op, "echo") == 0 || strcmp(a->op, "upper") == 0) && count == 2) {
        load(&a->payload, words[1]);
        return true;
    }
    if (strcmp(a->op, "call") == 0 && count == 2) {
        a->op = words[1];
        return a->is_call = true;
    }
    if (strcmp(a->op, "ahead") != 0 || count < 3) return false;
    unsigned long times = strtoul(words[1], NULL, 10);
    bool good = read_action(a, words + 2, count - 2) && a->times == 1 && !a->is_call;
    a->times = times;
    return good;
}

/* Does the actions, which a + separates, in their order on one connection. */
int main(int argc, char **argv) {
    struct action *actions = calloc((size_t)argc + 1, sizeof *actions);
    struct outcome o = {0};
    struct in_addr host;
    char name[64] = "";
    unsigned port = 0;
    int count = 0;
    for (int i = 1, end; i <= argc; i = end + 1) {
        for (end = i; end < argc && strcmp(argv[end], "+") != 0; end++) continue;
        if (!read_action(&actions[count++], argv + i, end - i)) return 127;
    }
    const char *url = getenv("HJP_URL");
    if (url == NULL || sscanf(url, "hjp://%63[^:]:%u", name, &port) != 2 ||
        inet_pton(AF_INET, name, &host) != 1) {
        fputs("HJP_URL is hjp://HOST:PORT\n", stderr);
        return 1;
    }
    if (!open_client(host, port, &o)) say(&o);
    for (int i = 0; i < count; i++) actions[i].is_call ? call(&actions[i]) : run(&actions[i]);
    return status;
}
