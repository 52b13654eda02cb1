/* See hjp.h. */
#include "hjp.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METADATA_DEPTH = 32, ANY_DEPTH = 1000 };

/* ---- Octets ------------------------------------------------------------------------- */

struct hjp_octets hjp_word(const char *text) {
    return (struct hjp_octets){(const uint8_t *)text, strlen(text)};
}

bool hjp_same(struct hjp_octets a, struct hjp_octets b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

struct hjp_octets hjp_octets_of(const struct hjp_buffer *b) {
    return (struct hjp_octets){b->at, b->length};
}

void hjp_clear(struct hjp_buffer *b) {
    b->length = 0;
    b->failed = false;
}

/* Room for so many octets more, which count as there at once; NULL where there is none. */
static uint8_t *extend(struct hjp_buffer *b, size_t length) {
    if (length > b->room - b->length) {
        size_t room = b->room < 256 ? 256 : b->room;
        while (room - b->length < length)
            room *= 2;
        uint8_t *at = b->failed ? NULL : realloc(b->at, room);
        b->failed = at == NULL;
        if (b->failed) return NULL;
        b->at = at;
        b->room = room;
    }
    b->length += length;
    return b->at + b->length - length;
}

void hjp_add(struct hjp_buffer *b, struct hjp_octets octets) {
    uint8_t *to = octets.length == 0 ? NULL : extend(b, octets.length);
    if (to != NULL) memcpy(to, octets.at, octets.length);
}

void hjp_add_text(struct hjp_buffer *b, const char *text) {
    hjp_add(b, hjp_word(text));
}

void hjp_add_number(struct hjp_buffer *b, uint64_t number) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    hjp_add_text(b, digits);
}

void hjp_add_string(struct hjp_buffer *b, struct hjp_octets string) {
    size_t start = 0;
    hjp_add_text(b, "\"");
    for (size_t i = 0; i < string.length; i++) {
        uint8_t o = string.at[i];
        if (o >= 0x20 && o != '"' && o != '\\') continue;
        hjp_add(b, (struct hjp_octets){string.at + start, i - start});
        hjp_add_text(b, "\\u00");
        hjp_add_hex(b, (struct hjp_octets){&o, 1});
        start = i + 1;
    }
    hjp_add(b, (struct hjp_octets){string.at + start, string.length - start});
    hjp_add_text(b, "\"");
}

void hjp_add_hex(struct hjp_buffer *b, struct hjp_octets octets) {
    static const char digits[] = "0123456789abcdef";
    uint8_t *to = octets.length == 0 ? NULL : extend(b, 2 * octets.length);
    for (size_t i = 0; to != NULL && i < octets.length; i++) {
        *to++ = (uint8_t)digits[octets.at[i] >> 4];
        *to++ = (uint8_t)digits[octets.at[i] & 15];
    }
}

/* What a hexadecimal digit stands for, or -1.  (Nobody calls setlocale: ctype and strtod
   obey locale "C".) */
static int digit(uint8_t o) {
    return isdigit(o) ? o - '0' : isxdigit(o) ? tolower(o) - 'a' + 10 : -1;
}

bool hjp_add_unhex(struct hjp_buffer *b, struct hjp_octets digits) {
    if (digits.length % 2 != 0) return false;
    uint8_t *to = digits.length == 0 ? NULL : extend(b, digits.length / 2);
    for (size_t i = 0; i < digits.length; i += 2) {
        int high = digit(digits.at[i]), low = digit(digits.at[i + 1]);
        if (high < 0 || low < 0) return false;
        if (to != NULL) *to++ = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- Scanner ------------------------------------------------------------------------ */

/* The octet 0 after the text is acceptable nowhere in it, so that the scanner cannot run past
   the end, and compares its place with the length only once. */
static bool take(struct hjp_document *d, char octet) {
    if (d->text[d->at] != (uint8_t)octet) return false;
    d->at++;
    return true;
}

static bool take_word(struct hjp_document *d, const char *text) {
    while (*text != 0 && take(d, *text))
        text++;
    return *text == 0;
}

/* White space is these four and nothing else (HJP-MET-4). */
static void skip_space(struct hjp_document *d) {
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

static bool put_code_point(struct hjp_document *d, uint32_t u) {
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    int length = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
    int shift = 6 * (length - 1);
    d->strings[d->strings_used++] = (uint8_t)(lead[length] | u >> shift);
    while ((shift -= 6) >= 0)
        d->strings[d->strings_used++] = 0x80 | (u >> shift & 0x3F);
    return true;
}

static bool scan_unit(struct hjp_document *d, uint32_t *unit) {
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int value = digit(d->text[d->at]);
        if (value < 0) return false;
        *unit = *unit * 16 + (uint32_t)value;
        d->at++;
    }
    return true;
}

/* What follows a backslash; a surrogate must be half of a pair (HJP-MET-9). */
static bool scan_escape(struct hjp_document *d) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    for (size_t i = 0; letters[i] != 0; i++)
        if (take(d, letters[i])) return put_code_point(d, (uint8_t)meanings[i]);
    uint32_t u, low;
    if (!take(d, 'u') || !scan_unit(d, &u)) return false;
    if (u < 0xD800 || u > 0xDFFF) return put_code_point(d, u);
    size_t after = d->at;
    if (u < 0xDC00 && take_word(d, "\\u") && scan_unit(d, &low) && low >> 10 == 0xDC00 >> 10)
        return put_code_point(d, 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00));
    d->at = after;
    return d->rules == HJP_ANY_RULES && put_code_point(d, u);
}

/* UTF-8 need be checked only here: outside of strings every octet of it is refused.  The
   result has a length, as U+0000 may occur (HJP-MET-10); two results are the same octets
   just when they are the same code points (HJP-MET-7, HJP-MET-8). */
static bool scan_string(struct hjp_document *d, struct hjp_octets *result) {
    size_t start = d->strings_used;
    if (!take(d, '"')) return false;
    while (!take(d, '"')) {
        size_t length = utf8_length(d->text + d->at);
        if (length == 0 || d->text[d->at] < 0x20) return false; /* also the end of the text */
        if (take(d, '\\')) {
            if (!scan_escape(d)) return false;
            continue;
        }
        while (length-- > 0)
            d->strings[d->strings_used++] = d->text[d->at++];
    }
    *result = (struct hjp_octets){d->strings + start, d->strings_used - start};
    return true;
}

static bool scan_digits(struct hjp_document *d) {
    size_t start = d->at;
    while (isdigit(d->text[d->at]))
        d->at++;
    return d->at > start;
}

static bool scan_number(struct hjp_document *d, double *number) {
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
    return d->rules == HJP_ANY_RULES || !isinf(*number); /* HJP-MET-11 */
}

static bool scan_value(struct hjp_document *d, int depth, struct hjp_value *v);

static bool scan_member(struct hjp_document *d, int depth, size_t object) {
    struct hjp_member *m = &d->members[d->count++];
    m->object = object;
    skip_space(d);
    if (!scan_string(d, &m->name)) return false;
    skip_space(d);
    return take(d, ':') && scan_value(d, depth, &m->value);
}

static bool scan_container(struct hjp_document *d, int depth, struct hjp_value *v) {
    bool object = d->text[d->at++] == '{';
    char close = object ? '}' : ']';
    struct hjp_value element = {.kind = HJP_STRING};
    v->kind = object ? HJP_OBJECT : HJP_ARRAY_OF_STRINGS;
    v->object = d->objects;
    d->objects += object;
    if (depth == (d->rules == HJP_ANY_RULES ? ANY_DEPTH : METADATA_DEPTH))
        return false; /* HJP-MET-12, HJP-MET-13 */
    skip_space(d);
    if (take(d, close)) return true;
    do {
        if (!(object ? scan_member(d, depth + 1, v->object) : scan_value(d, depth + 1, &element)))
            return false;
        if (element.kind != HJP_STRING) v->kind = HJP_ARRAY;
    } while (take(d, ','));
    return take(d, close);
}

static bool scan_bare_value(struct hjp_document *d, int depth, struct hjp_value *v) {
    uint8_t o = d->text[d->at];
    if (o == '{' || o == '[') return scan_container(d, depth, v);
    v->kind = o == '"' ? HJP_STRING : o == 'n' ? HJP_NULL : HJP_NUMBER;
    if (o == '"') return scan_string(d, &v->string);
    if (o == 'n') return take_word(d, "null");
    if (o != 't' && o != 'f') return scan_number(d, &v->number);
    v->kind = HJP_BOOLEAN;
    return take_word(d, o == 't' ? "true" : "false");
}

/* A value around which depth objects and arrays are open, and the white space around it. */
static bool scan_value(struct hjp_document *d, int depth, struct hjp_value *v) {
    skip_space(d);
    size_t start = d->at;
    v->strings = d->strings_used;
    if (!scan_bare_value(d, depth, v)) return false;
    v->raw = (struct hjp_octets){d->text + start, d->at - start};
    skip_space(d);
    return true;
}

/* ---- Documents ---------------------------------------------------------------------- */

/* By object, then by name: two of one name in one object become neighbours. */
static int order_members(const void *left, const void *right) {
    const struct hjp_member *a = left, *b = right;
    if (a->object != b->object) return a->object < b->object ? -1 : 1;
    if (a->name.length != b->name.length) return a->name.length < b->name.length ? -1 : 1;
    return memcmp(a->name.at, b->name.at, a->name.length);
}

/* Whether the first length octets of d->text are acceptable (row 7). */
static bool scan_text(struct hjp_document *d, size_t length, enum hjp_rules rules) {
    struct hjp_value top;
    d->rules = rules;
    d->at = d->strings_used = d->objects = d->count = 0;
    d->text[length] = 0;
    if (rules == HJP_ANY_RULES) skip_space(d);
    if (d->text[d->at] != '{' || !scan_value(d, 0, &top) || d->at != length) /* HJP-MET-3 */
        return false;
    qsort(d->members, d->count, sizeof d->members[0], order_members);
    for (size_t i = 1; i < d->count; i++)
        if (order_members(&d->members[i - 1], &d->members[i]) == 0) return false; /* HJP-MET-6 */
    return true;
}

bool hjp_scan(struct hjp_document *d, struct hjp_octets text, enum hjp_rules rules) {
    if (text.length > 0) memcpy(d->text, text.at, text.length);
    return scan_text(d, text.length, rules);
}

void hjp_release(struct hjp_document *d) {
    free(d->text);
    free(d->strings);
    free(d->members);
    *d = (struct hjp_document){0};
}

/* A member has four octets that no other has: two quotes, the colon, the first octet of its
   value.  Only the one that is being read can have fewer.  No escape is shorter than what it
   stands for.  So this is enough for every text; most touch little of it. */
bool hjp_reserve(struct hjp_document *d, size_t length) {
    if (d->room > 0 && length <= d->room) return true;
    hjp_release(d);
    size_t room = HJP_MAX_JSON;
    while (room < length)
        room *= 2;
    d->text = malloc(room + 1);
    d->strings = malloc(room);
    d->members = malloc((room / 4 + 1) * sizeof d->members[0]);
    if (d->text == NULL || d->strings == NULL || d->members == NULL) {
        hjp_release(d);
        return false;
    }
    d->room = room;
    return true;
}

const struct hjp_value *hjp_find(const struct hjp_document *d, size_t object, const char *name) {
    struct hjp_member key = {.object = object, .name = hjp_word(name)};
    const struct hjp_member *m =
        bsearch(&key, d->members, d->count, sizeof key, order_members);
    return m == NULL ? NULL : &m->value;
}

bool hjp_is_integer(const struct hjp_value *v, double least, double most) {
    if (v->kind != HJP_NUMBER || v->number < least || v->number > most) return false;
    for (size_t i = 0; i < v->raw.length; i++)
        if (!isdigit(v->raw.at[i])) return false;
    return true;
}

bool hjp_is_true(const struct hjp_value *v) {
    return v != NULL && v->kind == HJP_BOOLEAN && v->raw.at[0] == 't';
}

/* The strings are scanned again, in their order, so that each comes to lie where it lay. */
struct hjp_elements hjp_elements_of(struct hjp_document *d, const struct hjp_value *array) {
    return (struct hjp_elements){d, (size_t)(array->raw.at - d->text) + 1, array->strings};
}

bool hjp_next_element(struct hjp_elements *e, struct hjp_octets *string) {
    struct hjp_document *d = e->document;
    d->at = e->at;
    d->strings_used = e->strings_used;
    skip_space(d);
    if (!scan_string(d, string)) return false; /* at the bracket */
    skip_space(d);
    take(d, ',');
    e->at = d->at;
    e->strings_used = d->strings_used;
    return true;
}

/* ---- Frames: rows 1 to 7 ------------------------------------------------------------ */

static const uint8_t MAGIC_AND_VERSION[] = {0x48, 0x4A, 0x50, 0xFF, 1};

enum { MAGIC_SIZE = 4, DECIDED = sizeof MAGIC_AND_VERSION }; /* HJP-FRM-5 */

static const struct hjp_fault BAD_MAGIC = {"bad_magic", NULL, "this is not HJP"};
static const struct hjp_fault BAD_VERSION = {"bad_version", NULL, "only version 1 is spoken"};
static const struct hjp_fault BAD_RESERVED = {"bad_frame", NULL, "reserved is not 0"};
static const struct hjp_fault SHORT_JSON = {"bad_frame", NULL, "json_length is less than 2"};
static const struct hjp_fault LONG_JSON = {"too_large", "max_json", "json_length is too large"};
static const struct hjp_fault LONG_PAYLOAD = {"too_large", "max_payload",
                                              "payload_length is too large"};
static const struct hjp_fault BAD_JSON = {"bad_json", NULL, "the JSON text is not acceptable"};

/* Rows 4 to 6. */
static const struct hjp_fault *lengths_fault(size_t json, size_t payload, uint32_t most) {
    if (json < HJP_MIN_JSON) return &SHORT_JSON;
    if (json > HJP_MAX_JSON) return &LONG_JSON;
    return payload > most ? &LONG_PAYLOAD : NULL;
}

static uint32_t get_length(const uint8_t *from) {
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

void hjp_write_header(uint8_t to[HJP_HEADER_SIZE], size_t json_length, size_t payload_length) {
    memset(to, 0, HJP_HEADER_SIZE);
    memcpy(to, MAGIC_AND_VERSION, sizeof MAGIC_AND_VERSION);
    for (int i = 0; i < 4; i++) {
        to[8 + i] = (uint8_t)(json_length >> 8 * i);
        to[12 + i] = (uint8_t)(payload_length >> 8 * i);
    }
}

const struct hjp_fault *hjp_encode(struct hjp_buffer *to, struct hjp_document *d,
                                   struct hjp_octets json, struct hjp_octets payload,
                                   uint32_t max_payload) {
    uint8_t header[HJP_HEADER_SIZE];
    const struct hjp_fault *fault = lengths_fault(json.length, payload.length, max_payload);
    if (fault != NULL) return fault;
    if (!hjp_scan(d, json, HJP_METADATA_RULES)) return &BAD_JSON;
    hjp_write_header(header, json.length, payload.length);
    hjp_add(to, (struct hjp_octets){header, sizeof header});
    hjp_add(to, json);
    hjp_add(to, payload);
    return NULL;
}

bool hjp_reset(struct hjp_decoder *d, uint32_t max_payload) {
    d->max_payload = max_payload;
    d->stage = HJP_IN_MAGIC;
    d->have = 0;
    d->need = DECIDED;
    hjp_clear(&d->payload);
    return hjp_reserve(&d->metadata, HJP_MAX_JSON);
}

void hjp_close(struct hjp_decoder *d) {
    hjp_release(&d->metadata);
    free(d->payload.at);
    d->payload = (struct hjp_buffer){0};
}

size_t hjp_wanted(const struct hjp_decoder *d) {
    return d->need - d->have;
}

bool hjp_inside_frame(const struct hjp_decoder *d) {
    return d->stage != HJP_IN_MAGIC || d->have > 0;
}

/* What a stage does when its octets are here: HJP_WANTS_MORE leads on to the next stage. */
static enum hjp_event enter(struct hjp_decoder *d, enum hjp_stage stage, size_t have, size_t need,
                            enum hjp_event event) {
    d->stage = stage;
    d->have = have;
    d->need = need;
    return event;
}

static enum hjp_event refuse(struct hjp_decoder *d, const struct hjp_fault *fault) {
    d->fault = fault;
    return enter(d, HJP_AT_FAULT, 0, 0, HJP_REFUSED);
}

static enum hjp_event end_magic(struct hjp_decoder *d) {
    if (memcmp(d->header, MAGIC_AND_VERSION, MAGIC_SIZE) != 0) return refuse(d, &BAD_MAGIC);
    if (d->header[MAGIC_SIZE] != MAGIC_AND_VERSION[MAGIC_SIZE]) return refuse(d, &BAD_VERSION);
    return enter(d, HJP_IN_HEADER, DECIDED, HJP_HEADER_SIZE, HJP_WANTS_MORE);
}

static enum hjp_event end_header(struct hjp_decoder *d) {
    size_t json_length = get_length(d->header + 8);
    d->payload_length = get_length(d->header + 12);
    if (d->header[5] != 0 || d->header[6] != 0 || d->header[7] != 0)
        return refuse(d, &BAD_RESERVED);
    const struct hjp_fault *fault = lengths_fault(json_length, d->payload_length, d->max_payload);
    if (fault != NULL) return refuse(d, fault);
    return enter(d, HJP_IN_JSON, 0, json_length, HJP_WANTS_MORE);
}

static enum hjp_event end_json(struct hjp_decoder *d) {
    d->json = (struct hjp_octets){d->metadata.text, d->need};
    hjp_clear(&d->payload);
    if (!scan_text(&d->metadata, d->need, HJP_METADATA_RULES)) return refuse(d, &BAD_JSON);
    return enter(d, HJP_IN_PAYLOAD, 0, d->payload_length, HJP_METADATA);
}

static enum hjp_event end_payload(struct hjp_decoder *d) {
    return enter(d, HJP_IN_MAGIC, 0, DECIDED, HJP_FRAME);
}

static enum hjp_event stay_at_fault(struct hjp_decoder *d) {
    return refuse(d, d->fault);
}

/* Payload grows with the octets that come, not with the length that was declared. */
static bool store(struct hjp_decoder *d, struct hjp_octets some) {
    if (some.length == 0) return true;
    if (d->stage == HJP_IN_PAYLOAD) {
        hjp_add(&d->payload, some);
        return !d->payload.failed;
    }
    memcpy((d->stage == HJP_IN_JSON ? d->metadata.text : d->header) + d->have, some.at,
           some.length);
    return true;
}

enum hjp_event hjp_decode(struct hjp_decoder *d, struct hjp_octets *input) {
    static enum hjp_event (*const ends[])(struct hjp_decoder *) = {
        end_magic, end_header, end_json, end_payload, stay_at_fault};
    enum hjp_event event = HJP_WANTS_MORE;
    while (event == HJP_WANTS_MORE) {
        size_t length = hjp_wanted(d) < input->length ? hjp_wanted(d) : input->length;
        if (!store(d, (struct hjp_octets){input->at, length})) return HJP_NO_MEMORY;
        input->at += length;
        input->length -= length;
        d->have += length;
        if (d->have < d->need) return HJP_WANTS_MORE;
        event = ends[d->stage](d);
    }
    return event;
}
