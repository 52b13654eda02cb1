/*
 * What the skeletons share: octets that grow, hexadecimal digits, and a small reader of JSON
 * that looks at a text where it lies.
 */
#ifndef SKELETON_H
#define SKELETON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct octets { /* a piece of memory that belongs to somebody else */
    const uint8_t *at;
    size_t length;
};

struct buffer { /* memory of its own, which grows; begins as {0} */
    uint8_t *at;
    size_t length, room;
};

static inline struct octets octets_of(const struct buffer *b) {
    return (struct octets){b->at, b->length};
}

static inline struct octets word(const char *text) {
    return (struct octets){(const uint8_t *)text, strlen(text)};
}

static inline bool same(struct octets a, struct octets b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static inline void add(struct buffer *b, struct octets more) {
    if (b->room - b->length < more.length) {
        b->room = 2 * (b->length + more.length);
        b->at = realloc(b->at, b->room);
        if (b->at == NULL) {
            fputs("no memory\n", stderr);
            exit(1);
        }
    }
    if (more.length > 0) memcpy(b->at + b->length, more.at, more.length);
    b->length += more.length;
}

static inline void add_text(struct buffer *b, const char *text) {
    add(b, word(text));
}

static inline void add_octet(struct buffer *b, unsigned octet) {
    uint8_t one = (uint8_t)octet;
    add(b, (struct octets){&one, 1});
}

/* ---- Numbers of 32 bits, little-endian ---------------------------------------------- */

static inline void add_uint32(struct buffer *b, size_t n) {
    for (int shift = 0; shift < 32; shift += 8) add_octet(b, n >> shift & 0xFF);
}

static inline uint32_t uint32_at(const uint8_t *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* ---- Hexadecimal digits, two an octet ----------------------------------------------- */

static inline void add_hex(struct buffer *b, struct octets octets) {
    for (size_t i = 0; i < octets.length; i++) {
        add_octet(b, (unsigned)"0123456789abcdef"[octets.at[i] >> 4]);
        add_octet(b, (unsigned)"0123456789abcdef"[octets.at[i] & 15]);
    }
}

static inline int digit(uint8_t c) { /* -1: it is none */
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool add_unhex(struct buffer *b, struct octets digits) {
    if (digits.length % 2 != 0) return false;
    for (size_t i = 0; i < digits.length; i += 2) {
        int high = digit(digits.at[i]), low = digit(digits.at[i + 1]);
        if (high < 0 || low < 0) return false;
        add_octet(b, (unsigned)(high << 4 | low));
    }
    return true;
}

/* ---- UTF-8 --------------------------------------------------------------------------- */

/* How long the character at p is; 0: what is there is not well-formed. */
static inline size_t character(const uint8_t *p, const uint8_t *end) {
    size_t n = *p < 0x80 ? 1 : *p < 0xC2 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : *p < 0xF5 ? 4 : 0;
    if ((size_t)(end - p) < n) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    bool overlong = (*p == 0xE0 && p[1] < 0xA0) || (*p == 0xF0 && p[1] < 0x90);
    bool outside = (*p == 0xED && p[1] > 0x9F) || (*p == 0xF4 && p[1] > 0x8F);
    return overlong || outside ? 0 : n;
}

static inline void add_character(struct buffer *b, uint32_t c) {
    static const unsigned leads[] = {0, 0xC0, 0xE0, 0xF0};
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    add_octet(b, leads[more] | c >> 6 * more);
    while (more-- > 0) add_octet(b, 0x80 | (c >> 6 * more & 0x3F));
}

/* ---- JSON: is it well-formed? --------------------------------------------------------- */

enum { DEEPEST = 500 }; /* of arrays and objects within each other */

/* Each of these steps over something at p and returns where it ends; NULL: it is not there. */

static inline const uint8_t *skip_space(const uint8_t *p, const uint8_t *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    return p;
}

static inline const uint8_t *skip_string(const uint8_t *p, const uint8_t *end) {
    if (p == end || *p++ != '"') return NULL;
    while (p < end && *p != '"') {
        size_t n = *p < 0x20 ? 0 : character(p, end);
        if (*p == '\\' && end - p > 1)
            n = p[1] == 'u' ? 6 : memchr("\"\\/bfnrt", p[1], 8) != NULL ? 2 : 0;
        if (n == 0 || (size_t)(end - p) < n) return NULL;
        for (size_t i = 2; n == 6 && i < 6; i++)
            if (digit(p[i]) < 0) return NULL;
        p += n;
    }
    return p < end ? p + 1 : NULL;
}

static inline const uint8_t *skip_digits(const uint8_t *p, const uint8_t *end) {
    const uint8_t *start = p;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p > start ? p : NULL;
}

static inline const uint8_t *skip_number(const uint8_t *p, const uint8_t *end) {
    p += *p == '-';
    p = p < end && *p == '0' ? p + 1 : skip_digits(p, end);
    if (p != NULL && p < end && *p == '.') p = skip_digits(p + 1, end);
    if (p != NULL && p < end && (*p | 0x20) == 'e') {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = skip_digits(p, end);
    }
    return p;
}

static inline const uint8_t *skip_value(const uint8_t *p, const uint8_t *end, int depth) {
    static const char *const literals[] = {"true", "false", "null"};
    if (p == end || depth > DEEPEST) return NULL;
    if (*p == '"') return skip_string(p, end);
    if (*p == '-' || (*p >= '0' && *p <= '9')) return skip_number(p, end);
    for (size_t i = 0; i < 3; i++) {
        struct octets it = word(literals[i]);
        if ((size_t)(end - p) >= it.length && memcmp(p, it.at, it.length) == 0)
            return p + it.length;
    }
    if (*p != '{' && *p != '[') return NULL;
    bool object = *p == '{';
    uint8_t close = object ? '}' : ']';
    p = skip_space(p + 1, end);
    if (p < end && *p == close) return p + 1;
    for (;; p = skip_space(p + 1, end)) {
        if (object) {
            if ((p = skip_string(p, end)) == NULL) return NULL;
            p = skip_space(p, end);
            if (p == end || *p != ':') return NULL;
            p = skip_space(p + 1, end);
        }
        if ((p = skip_value(p, end, depth + 1)) == NULL) return NULL;
        p = skip_space(p, end);
        if (p < end && *p == close) return p + 1;
        if (p == end || *p != ',') return NULL;
    }
}

/* Whether a text is a JSON object; if so, it becomes this object without space around it. */
static inline bool is_object(struct octets *text) {
    if (text->length == 0) return false;
    const uint8_t *end = text->at + text->length, *start = skip_space(text->at, end);
    const uint8_t *after = start < end && *start == '{' ? skip_value(start, end, 0) : NULL;
    if (after == NULL || skip_space(after, end) != end) return false;
    *text = (struct octets){start, (size_t)(after - start)};
    return true;
}

/* ---- JSON: what does it hold? Only for what has turned out to be well-formed. ---------- */

/* Steps to the next value of an array or object, which is what rest is before the first step.
   name is NULL for an array. */
static inline bool next(struct octets *rest, struct octets *name, struct octets *value) {
    const uint8_t *end = rest->at + rest->length;
    const uint8_t *p = skip_space(rest->at + 1, end); /* over [ or { or a comma */
    if (p >= end || *p == ']' || *p == '}') return false;
    if (name != NULL) {
        const uint8_t *after = skip_string(p, end);
        *name = (struct octets){p, (size_t)(after - p)};
        p = skip_space(skip_space(after, end) + 1, end);
    }
    const uint8_t *after = skip_value(p, end, 0);
    *value = (struct octets){p, (size_t)(after - p)};
    p = skip_space(after, end);
    *rest = (struct octets){p, (size_t)(end - p)};
    return true;
}

static inline uint32_t unit_at(const uint8_t *p) { /* of four hexadecimal digits */
    return (uint32_t)(digit(p[0]) << 12 | digit(p[1]) << 8 | digit(p[2]) << 4 | digit(p[3]));
}

/* Adds the characters of a string, in UTF-8.  False: it is no string, or it holds half of a
   surrogate pair, for which there is no UTF-8. */
static inline bool add_string(struct buffer *b, struct octets string) {
    const uint8_t *p = string.at, *end = p + string.length - 1;
    if (*p++ != '"') return false;
    while (p < end) {
        const char *escape = "bfnrt", *found;
        if (*p != '\\') {
            add_octet(b, *p++);
        } else if (p[1] != 'u') {
            found = strchr(escape, p[1]);
            add_octet(b, found != NULL ? (unsigned)"\b\f\n\r\t"[found - escape] : p[1]);
            p += 2;
        } else {
            uint32_t c = unit_at(p + 2);
            p += 6;
            if (c >= 0xD800 && c < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
                unit_at(p + 2) >= 0xDC00 && unit_at(p + 2) < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (unit_at(p + 2) - 0xDC00);
                p += 6;
            }
            if (c >= 0xD800 && c < 0xE000) return false;
            add_character(b, c);
        }
    }
    return true;
}

static inline bool is_string(struct octets value, const char *text) {
    struct buffer b = {0};
    bool is = add_string(&b, value) && same(octets_of(&b), word(text));
    free(b.at);
    return is;
}

/* Finds a member of an object. */
static inline bool find(struct octets object, const char *wanted, struct octets *value) {
    struct octets name;
    while (next(&object, &name, value))
        if (is_string(name, wanted)) return true;
    return false;
}

/* ---- JSON: writing --------------------------------------------------------------------- */

/* Adds a text as a string.  What is not UTF-8 becomes U+FFFD. */
static inline void add_json(struct buffer *b, struct octets text) {
    const uint8_t *p = text.at, *end = p + text.length;
    char escape[8];
    add_text(b, "\"");
    while (p < end) {
        size_t n = character(p, end);
        if (n == 0 || *p < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", n == 0 ? 0xFFFD : *p);
            add_text(b, escape);
        } else {
            if (*p == '"' || *p == '\\') add_text(b, "\\");
            add(b, (struct octets){p, n});
        }
        p += n == 0 ? 1 : n;
    }
    add_text(b, "\"");
}

#endif
