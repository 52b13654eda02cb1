/*
 * A server of HJP/1 on 127.0.0.1.
 *
 *     gcc -std=c11 -Wall -Wextra -O2 -o server server.c
 *     ./server 9507
 *
 * It runs as it is and answers hello, ping, echo and upper, but believes most of what it reads:
 * the suite tells what is missing.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

#include "skeleton.h"

enum { MAX = 65536 }; /* octets of JSON text, and of payload */

static const uint8_t START[8] = "HJP\xff\1\0\0"; /* magic, version, reserved */

struct frame {
    uint8_t json[MAX], payload[MAX];
    struct octets metadata; /* the object in json */
    size_t payload_length;
};

/* ---- YOUR FRAMES HERE ------------------------------------------------------------------- */

/* Reads just so many octets, however they arrive; false: the input has ended. */
static bool read_all(int client, uint8_t *to, size_t length) {
    ssize_t n = 1;
    for (size_t at = 0; n > 0 && at < length; at += (size_t)n)
        n = recv(client, to + at, length - at, 0);
    return n > 0;
}

static bool write_frame(int client, struct octets json, struct octets payload) {
    struct buffer frame = {0};
    ssize_t n = 1;
    add(&frame, (struct octets){START, sizeof START});
    add_uint32(&frame, json.length);
    add_uint32(&frame, payload.length);
    add(&frame, json);
    add(&frame, payload);
    for (size_t at = 0; n > 0 && at < frame.length; at += (size_t)n)
        n = send(client, frame.at + at, frame.length - at, MSG_NOSIGNAL);
    free(frame.at);
    return n > 0;
}

/* Sends a fatal error and says that nothing follows, then drops what still comes: to close while
   octets lie unread would be a reset, which can reach the client before the error does. */
static bool refuse(int client, const char *code, const char *more) {
    struct timeval seconds = {2, 0};
    struct buffer json = {0};
    uint8_t dropped[4096];
    add_text(&json, "{\"id\":0,\"ok\":false,\"error\":{\"fatal\":true,\"code\":");
    add_json(&json, word(code));
    add_text(&json, ",\"message\":\"the frame is not acceptable\"");
    add_text(&json, more);
    add_text(&json, "}}");
    write_frame(client, octets_of(&json), word(""));
    free(json.at);
    shutdown(client, SHUT_WR);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &seconds, sizeof seconds);
    while (recv(client, dropped, sizeof dropped, 0) > 0) continue;
    return false;
}

/* Reads one frame; false: the connection is over. */
static bool read_frame(int client, struct frame *f) {
    uint8_t header[16];
    if (!read_all(client, header, 5)) return false;
    if (memcmp(header, START, 5) != 0) return refuse(client, "bad_magic", ""); /* a stranger */
    if (!read_all(client, header + 5, 11)) return false;
    size_t json_length = uint32_at(header + 8);
    f->payload_length = uint32_at(header + 12);
    /* A length is only a claim: compare it before waiting for so many octets. */
    if (json_length > MAX) return refuse(client, "too_large", ",\"limit\":\"max_json\"");
    if (f->payload_length > MAX) return refuse(client, "too_large", ",\"limit\":\"max_payload\"");
    if (!read_all(client, f->json, json_length)) return false;
    f->metadata = (struct octets){f->json, json_length};
    if (!is_object(&f->metadata)) return refuse(client, "bad_json", "");
    return read_all(client, f->payload, f->payload_length);
}

/* ---- YOUR OPERATIONS HERE --------------------------------------------------------------- */

/* Carries out a request; adds the members of its reply, each with a comma before it, and the
   payload. */
static void operate(const struct frame *f, struct buffer *members, struct buffer *payload) {
    struct octets op = word("null"), data;
    find(f->metadata, "op", &op);
    if (is_string(op, "hello")) {
        add_text(members, ",\"ok\":true,\"server\":\"my-server 0.1\",\"features\":[],"
                          "\"limits\":{\"max_payload\":65536}");
    } else if (is_string(op, "ping")) {
        add_text(members, ",\"ok\":true");
    } else if (is_string(op, "echo")) {
        add_text(members, ",\"ok\":true");
        if (find(f->metadata, "data", &data)) {
            add_text(members, ",\"data\":");
            add(members, data);
        }
        add(payload, (struct octets){f->payload, f->payload_length});
    } else if (is_string(op, "upper")) {
        add_text(members, ",\"ok\":true");
        for (size_t i = 0; i < f->payload_length; i++) {
            uint8_t c = f->payload[i];
            add_octet(payload, c >= 'a' && c <= 'z' ? c - 0x20u : c);
        }
    } else {
        add_text(members, ",\"ok\":false,\"error\":{\"code\":\"unknown_op\","
                          "\"message\":\"there is no such operation here\"}");
    }
}

/* Reads a frame, answers it, until the connection is over. */
static void serve(int client) {
    static struct frame f;
    struct buffer json = {0}, payload = {0};
    bool more = true;
    while (more && read_frame(client, &f)) {
        struct octets id = word("null");
        find(f.metadata, "id", &id);
        json.length = payload.length = 0;
        add_text(&json, "{\"id\":");
        add(&json, id);
        operate(&f, &json, &payload);
        add_text(&json, "}");
        more = write_frame(client, octets_of(&json), octets_of(&payload));
    }
    free(json.at);
    free(payload.at);
}

/* Listens on the port given (0: any free one), says so, and serves. */
int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc == 2 ? atoi(argv[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 128) != 0) {
        perror("listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("ready hjp://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    signal(SIGCHLD, SIG_IGN); /* nobody waits for the processes below */
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        if (fork() == 0) { /* a process a connection: none can hurt another */
            close(listener);
            serve(client);
            exit(0);
        }
        close(client);
    }
}
