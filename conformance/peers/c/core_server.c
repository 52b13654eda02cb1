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
#include <errno.h>
#include <inttypes.h>
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

#include "hjp.h"

/* The clocks of the table of limits, each settable with -D (HJP-OPD-4). */
#ifndef FIRST_FRAME_MS
#define FIRST_FRAME_MS 10000
#endif
#ifndef FRAME_MS
#define FRAME_MS 30000
#endif
#ifndef PAYLOAD_MS
#define PAYLOAD_MS 30000
#endif
#ifndef IDLE_MS
#define IDLE_MS 60000
#endif
#ifndef WRITE_MS
#define WRITE_MS 60000
#endif

enum {
    STATED_PAYLOAD = 1024 * 1024, /* what this server states in hello (HJP-LIM-3) */
    DRAIN_MS = 2000,              /* HJP-ERR-13 */
    READ_SIZE = 65536
};

/* ---- Connection: clocks, octets, frames out, the fatal error ------------------------ */

struct connection {
    int fd;
    int64_t accepted;  /* when, in ms */
    uint64_t last_id;  /* the greatest id so far; 0 before the first accepted JSON text */
    uint64_t answered; /* the greatest id of a request answered or begun (HJP-LIF-13) */
    bool open;         /* last_id is in the state "reply ended": see answer() */
    size_t send_limit; /* the client's max_payload; this server's is in the decoder */
    size_t open_op_length;
    uint8_t open_op[HJP_MAX_JSON], in[READ_SIZE], out[HJP_HEADER_SIZE + HJP_MAX_JSON + 1];
    struct hjp_decoder decoder;
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

static bool send_octets(struct connection *c, struct hjp_octets from) {
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

/* Sends a frame (HJP-FRM-1).  Its metadata is given as to printf. */
static bool send_frame(struct connection *c, struct hjp_octets payload, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vsnprintf((char *)c->out + HJP_HEADER_SIZE, HJP_MAX_JSON + 1, format, values);
    va_end(values);
    if (length < 0 || length > HJP_MAX_JSON) return false; /* cannot be: see run_echo() */
    hjp_write_header(c->out, (size_t)length, payload.length);
    return send_octets(c, (struct hjp_octets){c->out, HJP_HEADER_SIZE + (size_t)length}) &&
           send_octets(c, payload);
}

/* Code and message are words of this program and need no escapes; extra is further
   members of "error", each with a comma before it. */
static bool send_error(struct connection *c, uint64_t id, const char *code, const char *message,
                       const char *extra) {
    return send_frame(c, hjp_word(""),
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

/* Reads some octets, however they are divided (HJP-FRM-14), and none that the decoder does
   not need yet: they are not read in the sense of the text.  Where the input ends within a
   frame, nothing is said about it (HJP-LIF-9). */
static bool receive_some(struct connection *c, struct hjp_octets *input, int64_t deadline) {
    size_t wanted = hjp_wanted(&c->decoder);
    if (!await_input(c, deadline, false)) return false;
    ssize_t n = recv(c->fd, c->in, wanted < READ_SIZE ? wanted : READ_SIZE, 0);
    *input = (struct hjp_octets){c->in, n > 0 ? (size_t)n : 0};
    return n > 0;
}

/* ---- Operations: rows 14 to 17 ------------------------------------------------------ */

struct request {
    uint64_t id;
    struct hjp_octets op;
    bool more;
    bool first; /* the first frame of its request */
};

static bool is_op(const struct request *r, const char *op) {
    return hjp_same(r->op, hjp_word(op));
}

/* The final reply that is an error; in hello it is fatal. */
static bool fail(struct connection *c, const struct request *r, const char *code,
                 const char *message, const char *extra) {
    if (is_op(r, "hello")) return refuse(c, code, message, extra);
    return send_error(c, r->id, code, message, extra);
}

static bool run_hello(struct connection *c, const struct request *r) {
    const struct hjp_document *d = &c->decoder.metadata;
    const struct hjp_value *token = hjp_find(d, HJP_TOP, "token");
    const struct hjp_value *features = hjp_find(d, HJP_TOP, "features");
    const struct hjp_value *limits = hjp_find(d, HJP_TOP, "limits");
    const struct hjp_value *limit = NULL;
    if (limits != NULL && limits->kind == HJP_OBJECT)
        limit = hjp_find(d, limits->object, "max_payload");
    if ((token != NULL && token->kind != HJP_STRING) || /* any string will do (HJP-COR-8) */
        (features != NULL && features->kind != HJP_ARRAY_OF_STRINGS) ||
        (limits != NULL && limits->kind != HJP_OBJECT) ||
        (limit != NULL && !hjp_is_integer(limit, HJP_DEFAULT_PAYLOAD, UINT32_MAX)))
        return fail(c, r, "bad_request", "token, features or limits is mistyped", "");
    if (limit != NULL) c->send_limit = (size_t)limit->number; /* HJP-LIM-4 */
    c->decoder.max_payload = STATED_PAYLOAD;                  /* HJP-LIM-3 */
    return send_frame(c, hjp_word(""),
                      "{\"id\":%" PRIu64 ",\"ok\":true,\"features\":[],"
                      "\"limits\":{\"max_payload\":%d},\"server\":\"hjp_core_server\"}",
                      r->id, STATED_PAYLOAD);
}

/* The reply with this payload, if the client takes as much (HJP-LIM-6). */
static bool reply(struct connection *c, const struct request *r, const struct hjp_value *data,
                  struct hjp_octets payload) {
    struct hjp_octets raw = data == NULL ? hjp_word("") : data->raw;
    if (payload.length > c->send_limit)
        return fail(c, r, "too_large", "the client does not take so much",
                    ",\"limit\":\"max_payload\"");
    return send_frame(c, payload, "{\"id\":%" PRIu64 ",\"ok\":true%s%.*s}", r->id,
                      data == NULL ? "" : ",\"data\":", (int)raw.length, (const char *)raw.at);
}

static bool run_ping(struct connection *c, const struct request *r) {
    return reply(c, r, NULL, hjp_word(""));
}

/* data goes back as it was written, the surest way to be equal (HJP-COR-11).  It fits into
   max_json, since it did so beside the same id and "op":"echo", which is longer than
   "ok":true; and there is no octet 0 in it. */
static bool run_echo(struct connection *c, const struct request *r) {
    const struct hjp_value *data = hjp_find(&c->decoder.metadata, HJP_TOP, "data");
    return reply(c, r, data, hjp_octets_of(&c->decoder.payload));
}

/* Octets, not text of any encoding or locale (HJP-COR-12, HJP-COR-13). */
static bool run_upper(struct connection *c, const struct request *r) {
    struct hjp_buffer *payload = &c->decoder.payload;
    for (size_t i = 0; i < payload->length; i++)
        if (0x61 <= payload->at[i] && payload->at[i] <= 0x7A) payload->at[i] -= 0x20;
    return reply(c, r, NULL, hjp_octets_of(payload));
}

typedef bool operation(struct connection *c, const struct request *r);

static const struct {
    const char *op;
    operation *run;
} OPERATIONS[] = {
    {"hello", run_hello}, {"ping", run_ping}, {"echo", run_echo}, {"upper", run_upper}};

static operation *find_operation(const struct request *r) {
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof OPERATIONS[0]; i++)
        if (is_op(r, OPERATIONS[i].op)) return OPERATIONS[i].run;
    return NULL;
}

/* Answers the first frame of a request, now that its payload is here too.  As no operation
   has a body, a request of several frames always fails at the first: its reply ends before
   itself, and all that still comes of it is dropped. */
static bool answer(struct connection *c, const struct request *r) {
    const struct hjp_value *timeout = hjp_find(&c->decoder.metadata, HJP_TOP, "timeout_ms");
    operation *run = find_operation(r);
    c->answered = r->id;
    if (run == NULL) return fail(c, r, "unknown_op", "no such operation here", "");
    if (r->more) return fail(c, r, "bad_request", "more is true, but there is no body", "");
    if (timeout != NULL && !hjp_is_integer(timeout, 1, HJP_MAX_INTEGER))
        return fail(c, r, "bad_request", "timeout_ms is mistyped", "");
    return run(c, r);
}

/* ---- Frames in: rows 1 to 13 -------------------------------------------------------- */

/* Rows 1 to 7.  Where memory has run out, the connection is over (HJP-ERR-21). */
static bool read_metadata(struct connection *c, int64_t deadline) {
    struct hjp_octets input = {c->in, 0};
    enum hjp_event event;
    char limit[40];
    while ((event = hjp_decode(&c->decoder, &input)) == HJP_WANTS_MORE)
        if (!receive_some(c, &input, deadline)) return false;
    if (event != HJP_REFUSED) return event == HJP_METADATA;
    const struct hjp_fault *fault = c->decoder.fault;
    const char *extra = strcmp(fault->code, "bad_version") == 0 ? ",\"versions\":[1]" : "";
    snprintf(limit, sizeof limit, ",\"limit\":\"%s\"", fault->limit == NULL ? "" : fault->limit);
    return refuse(c, fault->code, fault->message, fault->limit == NULL ? extra : limit);
}

/* Rows 8 to 13, without waiting for the payload (HJP-ERR-20).  What is kept for the next
   frame: which request is open, and by which op its other frames are known. */
static bool check_members(struct connection *c, struct request *r) {
    const struct hjp_document *d = &c->decoder.metadata;
    const struct hjp_value *id = hjp_find(d, HJP_TOP, "id");
    const struct hjp_value *op = hjp_find(d, HJP_TOP, "op");
    const struct hjp_value *more = hjp_find(d, HJP_TOP, "more");
    if (id == NULL || !hjp_is_integer(id, 1, HJP_MAX_INTEGER))
        return refuse(c, "bad_id", "id is missing or not an integer in range", "");
    r->id = (uint64_t)id->number;
    r->first = r->id > c->last_id;
    if (r->first ? c->open : !c->open || r->id != c->last_id)
        return refuse(c, "bad_id", "id is not that of the open request, nor new in its turn", "");
    if (op == NULL || op->kind != HJP_STRING || hjp_find(d, HJP_TOP, "ok") != NULL)
        return refuse(c, "bad_frame", "op is not a string, or ok is there", "");
    r->op = op->string;
    if (!r->first && !hjp_same(r->op, (struct hjp_octets){c->open_op, c->open_op_length}))
        return refuse(c, "bad_id", "op is not that of the first frame", "");
    if (more != NULL && more->kind != HJP_BOOLEAN)
        return refuse(c, "bad_frame", "more is not a boolean", "");
    r->more = hjp_is_true(more);
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
static bool read_payload(struct connection *c) {
    const size_t enough = (size_t)PAYLOAD_MS * 1024 / 1000;
    const struct hjp_buffer *payload = &c->decoder.payload;
    struct hjp_octets input = {c->in, 0};
    int64_t last = now_ms(), span_end = INT64_MAX;
    size_t before_span = 0;
    enum hjp_event event;
    while ((event = hjp_decode(&c->decoder, &input)) == HJP_WANTS_MORE) {
        size_t before = payload->length;
        int64_t deadline = last + PAYLOAD_MS;
        if (before - before_span < enough && span_end < deadline) deadline = span_end;
        if (!receive_some(c, &input, deadline)) return false;
        last = now_ms();
        if (before == 0) {
            span_end = last + PAYLOAD_MS;
        } else if (last >= span_end) {
            span_end += PAYLOAD_MS;
            before_span = before;
        }
    }
    return event == HJP_FRAME;
}

/* idle_ms ends and frame_ms begins with the first octet of a frame; first_frame_ms stands for
   both before the first JSON text. */
static bool serve_frame(struct connection *c) {
    int64_t deadline = c->accepted + FIRST_FRAME_MS;
    struct request r = {0};
    if (c->last_id != 0 && !await_input(c, now_ms() + IDLE_MS, true)) return false;
    if (c->last_id != 0) deadline = now_ms() + FRAME_MS;
    return read_metadata(c, deadline) && check_members(c, &r) && read_payload(c) &&
           (!r.first || answer(c, &r)); /* HJP-MSG-20 */
}

/* ---- Threads, sockets, the end ------------------------------------------------------ */

static atomic_int connections;

static void *serve_connection(void *argument) {
    struct connection *c = argument;
    while (serve_frame(c)) continue;
    close(c->fd);
    hjp_close(&c->decoder);
    free(c);
    connections--;
    return NULL;
}

/* A thread of its own for each, so that one cannot hold up another (HJP-LIF-6). */
static void start_connection(int fd) {
    int yes = 1;
    pthread_t thread;
    struct connection *c = calloc(1, sizeof *c);
    if (c != NULL && hjp_reset(&c->decoder, HJP_DEFAULT_PAYLOAD)) {
        c->fd = fd;
        c->accepted = now_ms();
        c->send_limit = HJP_DEFAULT_PAYLOAD;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* replies are sent whole */
        connections++;
        if (pthread_create(&thread, NULL, serve_connection, c) == 0) {
            pthread_detach(thread);
            return;
        }
        connections--;
    }
    if (c != NULL) hjp_close(&c->decoder);
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
