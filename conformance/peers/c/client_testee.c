/*
 * A core client of HJP/1 and its testee: does the actions of its arguments on one connection
 * and prints what came of each.
 *
 *     HJP_URL=hjp://127.0.0.1:PORT client_testee ping + upper FILE
 *
 * One thread polls the socket for both directions, so that the client goes on reading while
 * it writes (HJP-LIF-4).  At most one frame at a time waits to be written.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hjp.h"

/* ---- The client --------------------------------------------------------------------- */

/* What has become known: nothing new, a final reply, or (from FATAL on) the end. */
enum news { NOTHING, OK, ERROR, UNSENT, FATAL, REFUSED, LOST };

struct client {
    int fd;
    struct hjp_decoder decoder;
    uint8_t in[65536];
    struct hjp_octets input; /* received, not yet decoded */
    struct hjp_document own; /* to look at the client's own metadata */
    struct hjp_buffer json, out;
    size_t written, metadata_end; /* of out */
    uint64_t last_id;             /* the greatest id used */
    uint64_t sent_id;             /* the greatest id of which the server can know */
    uint64_t answered_id;         /* the greatest id whose final reply has come */
    uint64_t hello_id;
    uint32_t send_limit; /* the server's max_payload */
    uint64_t reply_id;   /* of the frame that is being received */
    const char *code;    /* of the last news */
};

/* A code that is not known is internal (HJP-ERR-7). */
static const char *known_code(struct hjp_octets code) {
    static const char *const codes[] = {
        "bad_magic", "bad_version", "bad_frame", "bad_json", "bad_id", "too_large", "timeout",
        "unauthorized", "bad_request", "going_away", "unknown_op", "unsupported", "internal",
        "cancelled", "busy", "rate_limited", "forbidden", "bad_name", "not_found", "exists",
        "conflict", "no_space", "offset_mismatch", "size_mismatch", "digest_mismatch",
        "superseded", "changed", "exec_failed", "cookie_required"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (hjp_same(code, hjp_word(codes[i]))) return codes[i];
    return "internal";
}

static const struct hjp_value *find(const struct client *c, const char *name) {
    return hjp_find(&c->decoder.metadata, HJP_TOP, name);
}

/* A member of the object error, or NULL. */
static const struct hjp_value *find_in_error(const struct client *c, const char *name) {
    const struct hjp_value *error = find(c, "error");
    if (error == NULL || error->kind != HJP_OBJECT) return NULL;
    return hjp_find(&c->decoder.metadata, error->object, name);
}

/* Rows 8 to 12 as a client has them: the code of the fault, or NULL.  The replies come in the
   order of the requests (HJP-MSG-15), so that only one id can be right. */
static const char *check_reply(struct client *c) {
    const struct hjp_value *id = find(c, "id"), *ok = find(c, "ok"), *more = find(c, "more");
    if (id == NULL || !hjp_is_integer(id, 0, HJP_MAX_INTEGER)) return "bad_id"; /* HJP-MSG-26 */
    c->reply_id = (uint64_t)id->number;
    if (c->reply_id != 0 && (c->reply_id > c->sent_id || c->reply_id != c->answered_id + 1))
        return "bad_id";
    if (ok == NULL || ok->kind != HJP_BOOLEAN || find(c, "op") != NULL ||
        (more != NULL && more->kind != HJP_BOOLEAN)) /* HJP-MSG-25 */
        return "bad_frame";
    if (hjp_is_true(ok)) return c->reply_id == 0 ? "bad_frame" : NULL; /* HJP-MSG-27 */
    const struct hjp_value *code = find_in_error(c, "code");
    if (code == NULL || code->kind != HJP_STRING || hjp_is_true(more)) /* HJP-MSG-28 */
        return "bad_frame";
    return c->reply_id == 0 && !hjp_is_true(find_in_error(c, "fatal")) ? "bad_frame" : NULL;
}

/* What the server takes from now on (HJP-LIM-1). */
static void take_limits(struct client *c) {
    const struct hjp_value *limits = find(c, "limits"), *most = NULL;
    if (limits != NULL && limits->kind == HJP_OBJECT)
        most = hjp_find(&c->decoder.metadata, limits->object, "max_payload");
    if (most != NULL && hjp_is_integer(most, HJP_DEFAULT_PAYLOAD, UINT32_MAX))
        c->send_limit = (uint32_t)most->number;
}

/* What a frame that has passed the checks says.  An error in hello is always fatal. */
static enum news take_reply(struct client *c) {
    const struct hjp_value *ok = find(c, "ok");
    bool hello = c->reply_id != 0 && c->reply_id == c->hello_id;
    if (hjp_is_true(find(c, "more"))) return NOTHING; /* interim */
    if (c->reply_id != 0) c->answered_id = c->reply_id;
    if (hjp_is_true(ok) && hello) take_limits(c);
    if (hjp_is_true(ok)) return OK;
    c->code = known_code(find_in_error(c, "code")->string);
    return hello || hjp_is_true(find_in_error(c, "fatal")) ? FATAL : ERROR;
}

/* Decodes what has been received until there is news. */
static enum news decode(struct client *c) {
    for (;;) {
        enum news news = NOTHING;
        switch (hjp_decode(&c->decoder, &c->input)) {
        case HJP_WANTS_MORE: return NOTHING;
        case HJP_NO_MEMORY: return LOST;
        case HJP_REFUSED: c->code = c->decoder.fault->code; return REFUSED;
        case HJP_METADATA:
            if ((c->code = check_reply(c)) != NULL) return REFUSED;
            break;
        case HJP_FRAME: news = take_reply(c); break;
        }
        if (news != NOTHING) return news;
    }
}

/* Takes into account all that has arrived, without waiting, until there is news. */
static enum news look(struct client *c) {
    for (;;) {
        enum news news = decode(c);
        if (news != NOTHING) return news;
        ssize_t n = recv(c->fd, c->in, sizeof c->in, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return NOTHING;
        if (n <= 0) return LOST; /* HJP-LIF-10 */
        c->input = (struct hjp_octets){c->in, (size_t)n};
    }
}

static bool writing(const struct client *c) {
    return c->written < c->out.length;
}

/* Writes what the transport takes.  Where it takes nothing any more, what the server has said
   before may still be there to be read. */
static void write_some(struct client *c) {
    while (writing(c)) {
        ssize_t n = send(c->fd, c->out.at + c->written, c->out.length - c->written,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (n < 0) hjp_clear(&c->out);
        c->written = n < 0 ? 0 : c->written + (size_t)n;
        if (c->written >= c->metadata_end) c->sent_id = c->last_id;
    }
}

/* Waits until something can be read or written, or until other can be read, which is a file or
   -1; tells whether it can. */
static bool wait_for(struct client *c, int other) {
    struct pollfd entries[2] = {{c->fd, POLLIN, 0}, {other, POLLIN, 0}};
    if (writing(c)) entries[0].events |= POLLOUT;
    return poll(entries, 2, -1) > 0 && entries[1].revents != 0; /* HJP-TST-12 */
}

/* Puts a frame out to be written, when the one before is; first: of a new request.  members
   are further ones, each with a comma before it.  Returns the code of what a server would
   have to refuse (HJP-FRM-19), in which case nothing is sent, or NULL. */
static const char *put_frame(struct client *c, const char *op, bool first, const char *members,
                             struct hjp_octets payload) {
    uint64_t id = c->last_id + first; /* HJP-MSG-1 */
    c->written = 0;
    hjp_clear(&c->out);
    hjp_clear(&c->json);
    hjp_add_text(&c->json, "{\"id\":");
    hjp_add_number(&c->json, id);
    hjp_add_text(&c->json, ",\"op\":"); /* HJP-MSG-6 */
    hjp_add_string(&c->json, hjp_word(op));
    hjp_add_text(&c->json, members);
    hjp_add_text(&c->json, "}");
    const struct hjp_fault *fault =
        hjp_encode(&c->out, &c->own, hjp_octets_of(&c->json), payload, c->send_limit);
    if (fault != NULL) return fault->code;
    if (c->json.failed || c->out.failed) abort(); /* no memory */
    c->last_id = id;
    c->metadata_end = HJP_HEADER_SIZE + c->json.length;
    return NULL;
}

/* Connects to hjp://HOST:PORT; false: cannot. */
static bool connect_to(struct client *c, const char *url) {
    char host[64];
    unsigned port;
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (url == NULL || sscanf(url, "hjp://%63[^:]:%u", host, &port) != 2 || port > 65535 ||
        inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return false;
    address.sin_port = htons((uint16_t)port);
    c->send_limit = HJP_DEFAULT_PAYLOAD;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    return c->fd >= 0 && hjp_reset(&c->decoder, HJP_DEFAULT_PAYLOAD) &&
           hjp_reserve(&c->own, HJP_MAX_JSON) &&
           setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
           connect(c->fd, (struct sockaddr *)&address, sizeof address) == 0;
}

/* ---- The lines of the testee -------------------------------------------------------- */

static bool all_ok = true;

/* Prints what became of an action (HJP-TST-9); false: nothing can follow it. */
static bool tell_news(struct client *c, enum news news) {
    static const char *const words[] = {"",       "ok",       "error ", "unsent ",
                                        "fatal ", "refused ", "lost"};
    struct hjp_buffer line = {0};
    hjp_add_text(&line, words[news]);
    if (news == OK && c->decoder.payload.length > 0) hjp_add_text(&line, " ");
    if (news == OK) hjp_add_hex(&line, hjp_octets_of(&c->decoder.payload));
    if (news != OK && news != LOST) hjp_add_text(&line, c->code);
    hjp_add_text(&line, "\n");
    if (line.failed) abort(); /* no memory */
    fwrite(line.at, 1, line.length, stdout);
    fflush(stdout);
    free(line.at);
    all_ok = all_ok && news == OK;
    return news < FATAL;
}

/* ---- Actions: requests of one frame ------------------------------------------------- */

struct action;
typedef bool runner(struct client *c, const struct action *a); /* false: nothing can follow */

struct action {
    runner *run;
    const char *op;
    char members[64];
    double max_payload; /* hello: to be in force for what the server sends */
    uint64_t times;
    struct hjp_buffer payload;
};

/* Puts a request out.  Besides what put_frame() finds, a hello would be refused that is not the
   first request (HJP-LIF-3) or whose max_payload is out of range (HJP-COR-6). */
static const char *put_request(struct client *c, const struct action *a) {
    bool hello = strcmp(a->op, "hello") == 0;
    if (hello && c->last_id > 0) return "bad_frame";
    if (hello && (a->max_payload < HJP_DEFAULT_PAYLOAD || a->max_payload > UINT32_MAX))
        return "bad_request";
    const char *code = put_frame(c, a->op, true, a->members, hjp_octets_of(&a->payload));
    if (code == NULL && hello) {
        c->hello_id = c->last_id;
        c->decoder.max_payload = (uint32_t)a->max_payload;
    }
    return code;
}

/* Sends a request so many times ahead of the replies, and reads these meanwhile.  What is half
   written when its reply comes is written on before the next frame. */
static bool run_requests(struct client *c, const struct action *a) {
    uint64_t to_send = a->times, to_come = a->times;
    const char *code;
    while (to_come > 0) {
        enum news news = look(c); /* first, for what it may forbid to send (HJP-ERR-14) */
        if (news == NOTHING && to_send > 0 && !writing(c)) {
            to_send--;
            if ((code = put_request(c, a)) != NULL) {
                c->code = code;
                news = UNSENT;
            }
        } else if (news == NOTHING) {
            wait_for(c, -1);
        }
        write_some(c);
        if (news != NOTHING && !tell_news(c, news)) return false;
        to_come -= news != NOTHING;
    }
    return true;
}

/* ---- Actions: call, a request of the frames that standard input tells ----------------- */

static struct {
    struct hjp_buffer octets;
    size_t taken; /* of octets */
    bool ended;
} lines;

static void read_lines(void) {
    uint8_t some[65536];
    ssize_t n = read(STDIN_FILENO, some, sizeof some);
    lines.ended = n == 0 || (n < 0 && errno != EINTR);
    if (n > 0) hjp_add(&lines.octets, (struct hjp_octets){some, (size_t)n});
}

/* The next line, if it has come. */
static bool next_line(struct hjp_octets *line) {
    struct hjp_octets rest = hjp_octets_of(&lines.octets);
    if (lines.taken == rest.length) {
        lines.taken = 0;
        hjp_clear(&lines.octets);
        return false;
    }
    rest.at += lines.taken;
    rest.length -= lines.taken;
    const uint8_t *end = memchr(rest.at, '\n', rest.length);
    if (end == NULL && !lines.ended) return false;
    *line = (struct hjp_octets){rest.at, end == NULL ? rest.length : (size_t)(end - rest.at)};
    lines.taken += line->length + (end != NULL);
    return true;
}

/* A line is "more" or "last", and may go on with a space and hexadecimal digits. */
static bool is_last_line(struct hjp_octets line, struct hjp_buffer *payload) {
    struct hjp_octets word = {line.at, line.length < 4 ? line.length : 4}, digits = {0};
    if (line.length > 5) digits = (struct hjp_octets){line.at + 5, line.length - 5};
    bool last = hjp_same(word, hjp_word("last"));
    hjp_clear(payload);
    if ((!last && !hjp_same(word, hjp_word("more"))) || (line.length > 4 && line.at[4] != ' ') ||
        !hjp_add_unhex(payload, digits)) {
        fprintf(stderr, "client_testee: a line is \"more HEX\" or \"last HEX\"\n");
        exit(1);
    }
    return last;
}

/* How far a call has got. */
struct call {
    bool begun, ended;     /* its first frame has been sent, its last one */
    bool last_line;        /* has come */
    enum news final;       /* the reply's */
    const char *unsent;    /* the code of a frame that must not be sent, or NULL */
    struct hjp_buffer hex; /* the payload of a line */
};

static const char *put_call(struct client *c, const struct action *a, struct call *l, bool last,
                            struct hjp_octets payload) {
    const char *code = put_frame(c, a->op, !l->begun, last ? "" : ",\"more\":true", payload);
    if (code == NULL) l->begun = true;
    l->ended = code == NULL ? last : !l->begun;
    return code;
}

/* Does what is next when all that has arrived is known and nothing waits to be written; false:
   there is nothing, but for waiting. */
static bool go_on(struct client *c, const struct action *a, struct call *l) {
    struct hjp_octets line;
    if (l->begun && !l->ended && (l->final != NOTHING || l->unsent != NULL)) { /* HJP-MSG-23 */
        put_call(c, a, l, true, hjp_word(""));
        return true;
    }
    if (l->last_line || !next_line(&line)) return false;
    l->last_line = is_last_line(line, &l->hex); /* HJP-TST-13 */
    if (!l->ended) l->unsent = put_call(c, a, l, l->last_line, hjp_octets_of(&l->hex));
    return true;
}

static bool run_call(struct client *c, const struct action *a) {
    struct call l = {0};
    struct hjp_octets line;
    while (writing(c) || !l.ended || (l.begun && l.final == NOTHING)) {
        enum news news = look(c); /* HJP-TST-14 */
        if (news >= FATAL) return tell_news(c, news);
        if (news != NOTHING) {
            l.final = news;
        } else if (writing(c) || !go_on(c, a, &l)) {
            if (lines.ended && !l.last_line && !writing(c)) exit(1); /* nobody waits any more */
            if (wait_for(c, l.last_line || writing(c) ? -1 : STDIN_FILENO)) read_lines();
        }
        write_some(c);
    }
    if (l.unsent != NULL) c->code = l.unsent;
    tell_news(c, l.unsent != NULL ? UNSENT : l.final);
    while (!l.last_line && !lines.ended) /* the rest is ignored */
        if (next_line(&line))
            l.last_line = is_last_line(line, &l.hex);
        else
            read_lines();
    free(l.hex.at);
    return true;
}

/* ---- Arguments ---------------------------------------------------------------------- */

static bool read_number(const char *digits, double *number) {
    size_t length = strspn(digits, "0123456789");
    *number = length == 0 ? 0 : strtod(digits, NULL);
    return length > 0 && digits[length] == 0;
}

static void load_file(const char *name, struct hjp_buffer *to) {
    static uint8_t some[65536];
    FILE *file = fopen(name, "rb");
    size_t n;
    while (file != NULL && (n = fread(some, 1, sizeof some, file)) > 0)
        hjp_add(to, (struct hjp_octets){some, n});
    if (file == NULL || ferror(file) || to->failed) {
        fprintf(stderr, "client_testee: cannot read %s\n", name);
        exit(1);
    }
    fclose(file);
}

/* One action, of so many words; false: it is not offered. */
static bool read_action(struct action *a, char **words, int count) {
    double number;
    if (count == 0) return false;
    *a = (struct action){run_requests, words[0], "", HJP_DEFAULT_PAYLOAD, 1, {0}};
    if (strcmp(a->op, "ping") == 0) return count == 1;
    if (strcmp(a->op, "echo") == 0 || strcmp(a->op, "upper") == 0) {
        if (count == 2) load_file(words[1], &a->payload);
        return count == 2;
    }
    if (strcmp(a->op, "hello") == 0) {
        strcpy(a->members, ",\"limits\":{}");
        if (count == 1) return true;
        if (count != 2 || !read_number(words[1], &a->max_payload)) return false;
        number = a->max_payload > UINT32_MAX ? 0 : a->max_payload; /* is never sent */
        snprintf(a->members, sizeof a->members, ",\"limits\":{\"max_payload\":%.0f}", number);
        return true;
    }
    if (strcmp(a->op, "call") == 0) {
        a->run = run_call;
        a->op = count == 2 ? words[1] : "";
        return strncmp(a->op, "x-", 2) == 0;
    }
    if (strcmp(a->op, "ahead") != 0 || count < 3 || !read_number(words[1], &number) ||
        number > HJP_MAX_INTEGER || !read_action(a, words + 2, count - 2) ||
        a->run != run_requests || a->times != 1 || strcmp(a->op, "hello") == 0)
        return false;
    a->times = (uint64_t)number;
    return true;
}

int main(int argc, char **argv) {
    static struct client c;
    static struct action *actions;
    size_t count = 0;
    if ((actions = calloc((size_t)argc + 1, sizeof *actions)) == NULL) return 1;
    for (int i = 1, end; i <= argc; i = end + 1) {
        for (end = i; end < argc && strcmp(argv[end], "+") != 0; end++) continue;
        if (!read_action(&actions[count++], argv + i, end - i)) return 127; /* HJP-TST-7 */
    }
    bool more = connect_to(&c, getenv("HJP_URL")) || tell_news(&c, LOST);
    for (size_t i = 0; more && i < count; i++) /* HJP-TST-8 */
        more = actions[i].run(&c, &actions[i]);
    while (more && writing(&c) && look(&c) == NOTHING) { /* a frame that is half written */
        wait_for(&c, -1);
        write_some(&c);
    }
    return all_ok ? 0 : 1; /* HJP-TST-10 */
}
