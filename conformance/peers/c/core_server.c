/*
 * A core server of HJP/1 without features.
 *
 *     core_server PORT        (0: any free port)
 *
 * Listens on 127.0.0.1 and prints "ready hjp://127.0.0.1:PORT".  One thread serves one
 * connection and does one thing at a time: read a frame, answer it, read the next.  That
 * alone keeps replies in order (HJP-MSG-15), sends what is owed before a fatal error
 * (HJP-ERR-9) or at the end of input (HJP-LIF-7), stops reading while the output is blocked
 * (HJP-LIF-5), holds the clocks meanwhile (HJP-LIM-10), and begins each request as it is
 * read, so that no timeout_ms can pass (HJP-MSG-31).
 *
 * A function that returns bool and takes a connection returns false when that is over.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The clocks of the table of limits, settable with -D, all five together (HJP-OPD-4). */
#ifndef FIRST_FRAME_MS
#define FIRST_FRAME_MS 10000
#define FRAME_MS 30000
#define PAYLOAD_MS 30000
#define IDLE_MS 60000
#define WRITE_MS 60000
#endif

enum {
    METADATA = 0, /* the serial number of the outermost object */
    HEADER_SIZE = 16,
    MIN_JSON = 2,
    MAX_JSON = 65536,
    MAX_DEPTH = 32,
    DEFAULT_PAYLOAD = 65536,      /* max_payload until hello states another (HJP-LIM-2) */
    STATED_PAYLOAD = 1024 * 1024, /* what this server states there (HJP-LIM-3) */
    DRAIN_MS = 2000,              /* HJP-ERR-13 */
    /* A member has four octets that no other has: two quotes, the colon, the first octet
       of its value.  Only the one that is being read can have fewer. */
    MAX_MEMBERS = MAX_JSON / 4 + 1
};

#define MAX_INTEGER 9007199254740991.0 /* 2^53 - 1 */

struct octets {
    const uint8_t *at;
    size_t length;
};

static struct octets word(const char *text) {
    return (struct octets){(const uint8_t *)text, strlen(text)};
}

static bool same(struct octets a, struct octets b) {
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

/* ---- Metadata: a strict scanner that keeps the members it has seen ------------------ */

enum kind { LITERAL_NULL, BOOLEAN, NUMBER, STRING, ARRAY, ARRAY_OF_STRINGS, OBJECT };

struct value {
    enum kind kind;
    struct octets raw;    /* as it was written */
    struct octets string; /* STRING: escapes resolved, in UTF-8 */
    double number;        /* NUMBER */
    size_t object;        /* OBJECT: its serial number */
};

struct member {
    size_t object; /* the object that it is in */
    struct octets name;
    struct value value;
};

/* An octet 0 follows the text.  It is acceptable nowhere in it, so that the scanner cannot
   run past the end, and compares its place with the length only once. */
struct document {
    uint8_t text[MAX_JSON + 1];
    size_t at;
    uint8_t strings[MAX_JSON]; /* no escape is shorter than what it stands for */
    size_t strings_used;
    size_t objects;
    struct member members[MAX_MEMBERS];
    size_t count;
};

static bool take(struct document *d, char octet) {
    if (d->text[d->at] != (uint8_t)octet) return false;
    d->at++;
    return true;
}

static bool take_word(struct document *d, const char *text) {
    while (*text != 0 && take(d, *text))
        text++;
    return *text == 0;
}

/* White space is these four and nothing else (HJP-MET-4). */
static void skip_space(struct document *d) {
    while (take(d, ' ') || take(d, '\t') || take(d, '\n') || take(d, '\r')) continue;
}

/* The length of the well-formed UTF-8 sequence at s, or 0 (HJP-MET-2). */
static size_t utf8_length(const uint8_t *s) {
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90) || /* overlong */
        (s[0] == 0xED && s[1] > 0x9F) ||                                 /* a surrogate */
        (s[0] == 0xF4 && s[1] > 0x8F) || s[0] > 0xF4)                    /* above U+10FFFF */
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    return length;
}

static bool put_code_point(struct document *d, uint32_t u) {
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    int length = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
    int shift = 6 * (length - 1);
    d->strings[d->strings_used++] = (uint8_t)(lead[length] | u >> shift);
    while ((shift -= 6) >= 0)
        d->strings[d->strings_used++] = 0x80 | (u >> shift & 0x3F);
    return true;
}

/* Four hexadecimal digits.  (Nobody calls setlocale: ctype and strtod obey locale "C".) */
static bool scan_unit(struct document *d, uint32_t *unit) {
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int o = d->text[d->at];
        if (!isxdigit(o)) return false;
        *unit = *unit * 16 + (uint32_t)(isdigit(o) ? o - '0' : tolower(o) - 'a' + 10);
        d->at++;
    }
    return true;
}

/* What follows a backslash; a surrogate must be half of a pair (HJP-MET-9). */
static bool scan_escape(struct document *d) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    for (size_t i = 0; letters[i] != 0; i++)
        if (take(d, letters[i])) return put_code_point(d, (uint8_t)meanings[i]);
    uint32_t u, low;
    if (!take(d, 'u') || !scan_unit(d, &u) || (0xDC00 <= u && u <= 0xDFFF)) return false;
    if (0xD800 <= u && u <= 0xDBFF) {
        if (!take_word(d, "\\u") || !scan_unit(d, &low) || low < 0xDC00 || low > 0xDFFF)
            return false;
        u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
    }
    return put_code_point(d, u);
}

/* UTF-8 need be checked only here: outside of strings every octet of it is refused.  The
   result has a length, as U+0000 may occur (HJP-MET-10); two results are the same octets
   just when they are the same code points (HJP-MET-7, HJP-MET-8). */
static bool scan_string(struct document *d, struct octets *result) {
    size_t start = d->strings_used;
    if (!take(d, '"')) return false;
    while (!take(d, '"')) {
        size_t length = utf8_length(d->text + d->at);
        if (length == 0 || d->text[d->at] < 0x20) return false; /* also the end of the text */
        if (take(d, '\\')) {
            if (!scan_escape(d)) return false;
            continue;
        }
        memcpy(d->strings + d->strings_used, d->text + d->at, length);
        d->strings_used += length;
        d->at += length;
    }
    *result = (struct octets){d->strings + start, d->strings_used - start};
    return true;
}

static bool scan_digits(struct document *d) {
    size_t start = d->at;
    while (isdigit(d->text[d->at]))
        d->at++;
    return d->at > start;
}

static bool scan_number(struct document *d, double *number) {
    const char *start = (const char *)d->text + d->at;
    take(d, '-');
    if (!take(d, '0') && !scan_digits(d)) return false;
    if (take(d, '.') && !scan_digits(d)) return false;
    if (take(d, 'e') || take(d, 'E')) {
        if (!take(d, '+')) take(d, '-');
        if (!scan_digits(d)) return false;
    }
    /* What strtod takes beyond that is hexadecimal only, which is refused at its x. */
    *number = strtod(start, NULL);
    return !isinf(*number); /* HJP-MET-11 */
}

static bool scan_value(struct document *d, int depth, struct value *v);

static bool scan_member(struct document *d, int depth, size_t object) {
    struct member *m = &d->members[d->count++];
    m->object = object;
    skip_space(d);
    if (!scan_string(d, &m->name)) return false;
    skip_space(d);
    return take(d, ':') && scan_value(d, depth, &m->value);
}

static bool scan_container(struct document *d, int depth, struct value *v) {
    bool object = d->text[d->at++] == '{';
    char close = object ? '}' : ']';
    struct value element = {.kind = STRING};
    v->kind = object ? OBJECT : ARRAY_OF_STRINGS;
    v->object = d->objects;
    d->objects += object;
    if (depth == MAX_DEPTH) return false; /* HJP-MET-12, HJP-MET-13 */
    skip_space(d);
    if (take(d, close)) return true;
    do {
        if (!(object ? scan_member(d, depth + 1, v->object) : scan_value(d, depth + 1, &element)))
            return false;
        if (element.kind != STRING) v->kind = ARRAY;
    } while (take(d, ','));
    return take(d, close);
}

static bool scan_bare_value(struct document *d, int depth, struct value *v) {
    uint8_t o = d->text[d->at];
    if (o == '{' || o == '[') return scan_container(d, depth, v);
    v->kind = o == '"' ? STRING : o == 'n' ? LITERAL_NULL : NUMBER;
    if (o == '"') return scan_string(d, &v->string);
    if (o == 'n') return take_word(d, "null");
    if (o != 't' && o != 'f') return scan_number(d, &v->number);
    v->kind = BOOLEAN;
    return take_word(d, o == 't' ? "true" : "false");
}

/* A value around which depth objects and arrays are open, and the white space around it. */
static bool scan_value(struct document *d, int depth, struct value *v) {
    skip_space(d);
    size_t start = d->at;
    if (!scan_bare_value(d, depth, v)) return false;
    v->raw = (struct octets){d->text + start, d->at - start};
    skip_space(d);
    return true;
}

/* By object, then by name: two of one name in one object become neighbours. */
static int order_members(const void *left, const void *right) {
    const struct member *a = left, *b = right;
    if (a->object != b->object) return a->object < b->object ? -1 : 1;
    if (a->name.length != b->name.length) return a->name.length < b->name.length ? -1 : 1;
    return memcmp(a->name.at, b->name.at, a->name.length);
}

/* Whether the first length octets of d->text are acceptable metadata (row 7). */
static bool read_document(struct document *d, size_t length) {
    struct value metadata;
    d->at = d->strings_used = d->objects = d->count = 0;
    d->text[length] = 0;
    if (d->text[0] != '{' || !scan_value(d, 0, &metadata) || d->at != length) /* HJP-MET-3 */
        return false;
    qsort(d->members, d->count, sizeof d->members[0], order_members);
    for (size_t i = 1; i < d->count; i++)
        if (order_members(&d->members[i - 1], &d->members[i]) == 0) return false; /* HJP-MET-6 */
    return true;
}

/* The value of a member, or NULL where it is absent. */
static const struct value *find(const struct document *d, size_t object, const char *name) {
    struct member key = {.object = object, .name = word(name)};
    const struct member *m = bsearch(&key, d->members, d->count, sizeof key, order_members);
    return m == NULL ? NULL : &m->value;
}

/* A number in plain digits and in range (HJP-MET-18, HJP-MET-19). */
static bool is_integer(const struct value *v, double least, double most) {
    if (v->kind != NUMBER || v->number < least || v->number > most) return false;
    for (size_t i = 0; i < v->raw.length; i++)
        if (!isdigit(v->raw.at[i])) return false;
    return true;
}

/* ---- Connection: clocks, octets, frames out, the fatal error ------------------------ */

struct connection {
    int fd;
    int64_t accepted;     /* when, in ms */
    uint64_t last_id;     /* the greatest id so far; 0 before the first accepted JSON text */
    uint64_t answered;    /* the greatest id of a request answered or begun (HJP-LIF-13) */
    bool open;            /* last_id is in the state "reply ended": see answer() */
    size_t receive_limit; /* this server's max_payload */
    size_t send_limit;    /* the client's max_payload */
    size_t open_op_length, payload_length;
    uint8_t open_op[MAX_JSON], payload[STATED_PAYLOAD], out[HEADER_SIZE + MAX_JSON + 1];
    struct document document;
};

static int stop_pipe[2]; /* readable once the server is told to stop, and ever after */

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* poll() with a deadline. */
static int poll_until(struct pollfd *entries, nfds_t count, int64_t deadline) {
    for (;;) {
        int64_t left = deadline - now_ms();
        int ready = poll(entries, count, left > 0 ? (int)left : 0);
        if (ready >= 0 || errno != EINTR) return ready;
    }
}

static bool send_octets(struct connection *c, struct octets from) {
    while (from.length > 0) {
        ssize_t n = send(c->fd, from.at, from.length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0) {
            from.at += n;
            from.length -= (size_t)n;
            continue;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
        struct pollfd entry = {c->fd, POLLOUT, 0};
        if (poll_until(&entry, 1, now_ms() + WRITE_MS) <= 0) {
            struct linger at_once = {1, 0}; /* close() will be a reset (HJP-LIM-9) */
            setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            return false;
        }
    }
    return true;
}

static const uint8_t MAGIC_AND_VERSION[] = {0x48, 0x4A, 0x50, 0xFF, 1};

static uint32_t get_length(const uint8_t *from) {
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* Sends a frame (HJP-FRM-1).  Its metadata is given as to printf. */
static bool send_frame(struct connection *c, struct octets payload, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vsnprintf((char *)c->out + HEADER_SIZE, MAX_JSON + 1, format, values);
    va_end(values);
    if (length < 0 || length > MAX_JSON) return false; /* cannot be: see run_echo() */
    memset(c->out, 0, HEADER_SIZE);
    memcpy(c->out, MAGIC_AND_VERSION, sizeof MAGIC_AND_VERSION);
    for (int i = 0; i < 4; i++) {
        c->out[8 + i] = (uint8_t)(length >> 8 * i);
        c->out[12 + i] = (uint8_t)(payload.length >> 8 * i);
    }
    return send_octets(c, (struct octets){c->out, HEADER_SIZE + (size_t)length}) &&
           send_octets(c, payload);
}

/* Code and message are words of this program and need no escapes; extra is further
   members of "error", each with a comma before it. */
static bool send_error(struct connection *c, uint64_t id, const char *code, const char *message,
                       const char *extra) {
    return send_frame(c, word(""),
                      "{\"id\":%" PRIu64 ",\"ok\":false,\"error\":"
                      "{\"code\":\"%s\",\"message\":\"%s\"%s%s}}",
                      id, code, message, id == 0 ? ",\"fatal\":true" : "", extra);
}

/* The fatal error, and then reading on for a while, so that no reset overtakes it
   (HJP-ERR-10 to HJP-ERR-13). */
static bool refuse(struct connection *c, const char *code, const char *message,
                   const char *extra) {
    if (!send_error(c, 0, code, message, extra)) return false;
    shutdown(c->fd, SHUT_WR);
    int64_t deadline = now_ms() + DRAIN_MS;
    struct pollfd entry = {c->fd, POLLIN, 0};
    while (now_ms() < deadline && poll_until(&entry, 1, deadline) > 0)
        if (recv(c->fd, c->out, sizeof c->out, 0) <= 0) break;
    return false;
}

/* Waits for input.  Where none comes in time the connection is over, by the code of the
   clock that has run out: idle_ms (HJP-LIM-8) or one of those within a frame (HJP-LIM-7).
   So it is when the server is told to stop (HJP-LIF-11). */
static bool await_input(struct connection *c, int64_t deadline, bool idle) {
    char last_id[40];
    struct pollfd entries[2] = {{c->fd, POLLIN, 0}, {stop_pipe[0], POLLIN, 0}};
    int ready = poll_until(entries, 2, deadline);
    if (ready < 0) return false;
    if (ready > 0 && entries[1].revents == 0) return true;
    if (ready == 0 && !idle) return refuse(c, "timeout", "octets did not come in time", "");
    snprintf(last_id, sizeof last_id, ",\"last_id\":%" PRIu64, c->answered);
    return refuse(c, "going_away", ready > 0 ? "the server stops" : "nothing came", last_id);
}

/* Reads some octets into to, up to most of them, and counts them in *count.  Where the
   input ends within a frame, nothing is said about it (HJP-LIF-9). */
static bool receive_some(struct connection *c, uint8_t *to, size_t most, int64_t deadline,
                         size_t *count) {
    if (!await_input(c, deadline, false)) return false;
    ssize_t n = recv(c->fd, to, most, 0);
    *count += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* Reads so many octets, however they are divided (HJP-FRM-14). */
static bool receive(struct connection *c, uint8_t *to, size_t length, int64_t deadline) {
    size_t count = 0;
    while (count < length)
        if (!receive_some(c, to + count, length - count, deadline, &count)) return false;
    return true;
}

/* ---- Operations: rows 14 to 17 ------------------------------------------------------ */

struct request {
    uint64_t id;
    struct octets op;
    bool more;
    bool first; /* the first frame of its request */
};

static bool is_op(const struct request *r, const char *op) {
    return same(r->op, word(op));
}

/* The final reply that is an error; in hello it is fatal. */
static bool fail(struct connection *c, const struct request *r, const char *code,
                 const char *message, const char *extra) {
    if (is_op(r, "hello")) return refuse(c, code, message, extra);
    return send_error(c, r->id, code, message, extra);
}

static bool run_hello(struct connection *c, const struct request *r) {
    const struct document *d = &c->document;
    const struct value *token = find(d, METADATA, "token");
    const struct value *features = find(d, METADATA, "features");
    const struct value *limits = find(d, METADATA, "limits");
    const struct value *limit = NULL;
    if (limits != NULL && limits->kind == OBJECT) limit = find(d, limits->object, "max_payload");
    if ((token != NULL && token->kind != STRING) || /* any string will do (HJP-COR-8) */
        (features != NULL && features->kind != ARRAY_OF_STRINGS) ||
        (limits != NULL && limits->kind != OBJECT) ||
        (limit != NULL && !is_integer(limit, DEFAULT_PAYLOAD, UINT32_MAX)))
        return fail(c, r, "bad_request", "token, features or limits is mistyped", "");
    if (limit != NULL) c->send_limit = (size_t)limit->number; /* HJP-LIM-4 */
    c->receive_limit = STATED_PAYLOAD;                        /* HJP-LIM-3 */
    return send_frame(c, word(""),
                      "{\"id\":%" PRIu64 ",\"ok\":true,\"features\":[],"
                      "\"limits\":{\"max_payload\":%d},\"server\":\"hjp_core_server\"}",
                      r->id, STATED_PAYLOAD);
}

/* The reply with a payload of this length, if the client takes as much (HJP-LIM-6). */
static bool reply(struct connection *c, const struct request *r, const struct value *data,
                  size_t length) {
    struct octets payload = {c->payload, length}, raw = data == NULL ? word("") : data->raw;
    if (payload.length > c->send_limit)
        return fail(c, r, "too_large", "the client does not take so much",
                    ",\"limit\":\"max_payload\"");
    return send_frame(c, payload, "{\"id\":%" PRIu64 ",\"ok\":true%s%.*s}", r->id,
                      data == NULL ? "" : ",\"data\":", (int)raw.length, (const char *)raw.at);
}

static bool run_ping(struct connection *c, const struct request *r) {
    return reply(c, r, NULL, 0);
}

/* data goes back as it was written, the surest way to be equal (HJP-COR-11).  It fits into
   max_json, since it did so beside the same id and "op":"echo", which is longer than
   "ok":true; and there is no octet 0 in it. */
static bool run_echo(struct connection *c, const struct request *r) {
    return reply(c, r, find(&c->document, METADATA, "data"), c->payload_length);
}

/* Octets, not text of any encoding or locale (HJP-COR-12, HJP-COR-13). */
static bool run_upper(struct connection *c, const struct request *r) {
    for (size_t i = 0; i < c->payload_length; i++)
        if (0x61 <= c->payload[i] && c->payload[i] <= 0x7A) c->payload[i] -= 0x20;
    return reply(c, r, NULL, c->payload_length);
}

typedef bool operation(struct connection *c, const struct request *r);

static operation *find_operation(const struct request *r) {
    if (is_op(r, "hello")) return run_hello;
    if (is_op(r, "ping")) return run_ping;
    if (is_op(r, "echo")) return run_echo;
    if (is_op(r, "upper")) return run_upper;
    return NULL;
}

/* Answers the first frame of a request, now that its payload is here too.  As no operation
   has a body, a request of several frames always fails at the first: its reply ends before
   itself, and all that still comes of it is dropped. */
static bool answer(struct connection *c, const struct request *r) {
    const struct value *timeout = find(&c->document, METADATA, "timeout_ms");
    operation *run = find_operation(r);
    c->answered = r->id;
    if (run == NULL) return fail(c, r, "unknown_op", "no such operation here", "");
    if (r->more) return fail(c, r, "bad_request", "more is true, but there is no body", "");
    if (timeout != NULL && !is_integer(timeout, 1, MAX_INTEGER))
        return fail(c, r, "bad_request", "timeout_ms is mistyped", "");
    return run(c, r);
}

/* ---- Frames in: rows 1 to 13 -------------------------------------------------------- */

/* Rows 1 to 7. */
static bool read_metadata(struct connection *c, int64_t deadline, size_t *payload_length) {
    enum { DECIDED = sizeof MAGIC_AND_VERSION }; /* HJP-FRM-5 */
    uint8_t octets[HEADER_SIZE];
    if (!receive(c, octets, DECIDED, deadline)) return false;
    if (memcmp(octets, MAGIC_AND_VERSION, 4) != 0)
        return refuse(c, "bad_magic", "this is not HJP", "");
    if (octets[4] != MAGIC_AND_VERSION[4])
        return refuse(c, "bad_version", "only version 1 is spoken here", ",\"versions\":[1]");
    if (!receive(c, octets + DECIDED, HEADER_SIZE - DECIDED, deadline)) return false;
    size_t json_length = get_length(octets + 8);
    *payload_length = get_length(octets + 12);
    if (octets[5] != 0 || octets[6] != 0 || octets[7] != 0 || json_length < MIN_JSON)
        return refuse(c, "bad_frame", "reserved is not 0, or json_length is less than 2", "");
    if (json_length > MAX_JSON)
        return refuse(c, "too_large", "json_length is too large", ",\"limit\":\"max_json\"");
    if (*payload_length > c->receive_limit)
        return refuse(c, "too_large", "payload_length is too large", ",\"limit\":\"max_payload\"");
    if (!receive(c, c->document.text, json_length, deadline)) return false;
    if (read_document(&c->document, json_length)) return true;
    return refuse(c, "bad_json", "the JSON text is not acceptable", "");
}

/* Rows 8 to 13, without waiting for the payload (HJP-ERR-20).  What is kept for the next
   frame: which request is open, and by which op its other frames are known. */
static bool check_members(struct connection *c, struct request *r) {
    const struct document *d = &c->document;
    const struct value *id = find(d, METADATA, "id");
    const struct value *op = find(d, METADATA, "op");
    const struct value *more = find(d, METADATA, "more");
    if (id == NULL || !is_integer(id, 1, MAX_INTEGER))
        return refuse(c, "bad_id", "id is missing or not an integer in range", "");
    r->id = (uint64_t)id->number;
    r->first = r->id > c->last_id;
    if (r->first ? c->open : !c->open || r->id != c->last_id)
        return refuse(c, "bad_id", "id is not that of the open request, nor new in its turn", "");
    if (op == NULL || op->kind != STRING || find(d, METADATA, "ok") != NULL)
        return refuse(c, "bad_frame", "op is not a string, or ok is there", "");
    r->op = op->string;
    if (!r->first && !same(r->op, (struct octets){c->open_op, c->open_op_length}))
        return refuse(c, "bad_id", "op is not that of the first frame", "");
    if (more != NULL && more->kind != BOOLEAN)
        return refuse(c, "bad_frame", "more is not a boolean", "");
    r->more = more != NULL && more->raw.at[0] == 't';
    if (r->first && c->last_id != 0 && is_op(r, "hello")) /* HJP-LIF-3 */
        return refuse(c, "bad_frame", "hello is not the first request", "");
    c->last_id = r->id;
    c->open = r->more;
    memcpy(c->open_op, r->op.at, r->op.length);
    c->open_op_length = r->op.length;
    return true;
}

/* payload_ms bounds a silence, and also each span of that length after the first octet in
   which less than 1 KiB came for each second.  A span that has its octets needs no deadline:
   a silence that begins in it has one before the next span ends. */
static bool read_payload(struct connection *c, size_t length) {
    const size_t enough = (size_t)PAYLOAD_MS * 1024 / 1000;
    int64_t last = now_ms(), span_end = INT64_MAX;
    size_t before_span = 0;
    c->payload_length = 0;
    while (c->payload_length < length) {
        size_t before = c->payload_length;
        int64_t deadline = last + PAYLOAD_MS;
        if (before - before_span < enough && span_end < deadline) deadline = span_end;
        if (!receive_some(c, c->payload + before, length - before, deadline, &c->payload_length))
            return false;
        last = now_ms();
        if (before == 0) {
            span_end = last + PAYLOAD_MS;
        } else if (last >= span_end) {
            span_end += PAYLOAD_MS;
            before_span = before;
        }
    }
    return true;
}

/* idle_ms ends and frame_ms begins with the first octet of a frame; first_frame_ms stands for
   both before the first JSON text. */
static bool serve_frame(struct connection *c) {
    int64_t deadline = c->accepted + FIRST_FRAME_MS;
    size_t payload_length = 0;
    struct request r = {0};
    if (c->last_id != 0 && !await_input(c, now_ms() + IDLE_MS, true)) return false;
    if (c->last_id != 0) deadline = now_ms() + FRAME_MS;
    return read_metadata(c, deadline, &payload_length) && check_members(c, &r) &&
           read_payload(c, payload_length) && (!r.first || answer(c, &r)); /* HJP-MSG-20 */
}

/* ---- Threads, sockets, the end ------------------------------------------------------ */

static atomic_int connections;

static void *serve_connection(void *argument) {
    struct connection *c = argument;
    while (serve_frame(c)) continue;
    close(c->fd);
    free(c);
    connections--;
    return NULL;
}

/* A thread of its own for each, so that one cannot hold up another (HJP-LIF-6). */
static void start_connection(int fd) {
    int yes = 1;
    pthread_t thread;
    struct connection *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->fd = fd;
        c->accepted = now_ms();
        c->receive_limit = c->send_limit = DEFAULT_PAYLOAD;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* replies are sent whole */
        connections++;
        if (pthread_create(&thread, NULL, serve_connection, c) == 0) {
            pthread_detach(thread);
            return;
        }
        connections--;
    }
    free(c); /* HJP-ERR-21 */
    close(fd);
}

static void on_signal(int number) {
    int saved = errno;
    if (write(stop_pipe[1], &number, 1) < 0) errno = saved; /* nothing can be done here */
}

/* A listening socket on *port of 127.0.0.1, or -1; *port becomes the one it has got. */
static int listen_on(uint16_t *port) {
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, any, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, any, &size) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return fd;
}

int main(int argc, char **argv) {
    char *end = NULL;
    long number = argc == 2 ? strtol(argv[1], &end, 10) : -1;
    if (number < 0 || number > 65535 || end == argv[1] || *end != 0) {
        fprintf(stderr, "usage: core_server PORT   (0: any free port)\n");
        return 2;
    }
    uint16_t port = (uint16_t)number;
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    int listener = -1;
    if (pipe(stop_pipe) != 0 || sigaction(SIGTERM, &stop, NULL) != 0 ||
        (listener = listen_on(&port)) < 0) {
        perror("core_server");
        return 1;
    }
    printf("ready hjp://127.0.0.1:%u\n", (unsigned)port);
    fflush(stdout);

    struct pollfd entries[2] = {{listener, POLLIN, 0}, {stop_pipe[0], POLLIN, 0}};
    for (;;) {
        if (poll(entries, 2, -1) < 0) continue;
        if (entries[1].revents != 0) break;
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            start_connection(fd);
        else
            poll(NULL, 0, 100); /* too many files, say: this passes; do not spin until then */
    }
    close(listener);
    while (connections > 0) /* each ends by itself, as it sees the pipe */
        poll(NULL, 0, 10);
    return 0;
}
