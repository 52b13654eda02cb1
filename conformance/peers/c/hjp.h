/*
 * What every endpoint of HJP/1 and every codec shares: strict metadata, the header, a push
 * decoder, an encoder.  Nothing here reads or writes anything but memory.
 */
#ifndef HJP_H
#define HJP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HJP_HEADER_SIZE = 16,
    HJP_MIN_JSON = 2,
    HJP_MAX_JSON = 65536,
    HJP_DEFAULT_PAYLOAD = 65536 /* max_payload until hello states another (HJP-LIM-2) */
};

#define HJP_MAX_INTEGER 9007199254740991.0 /* 2^53 - 1 */

/* ---- Octets ------------------------------------------------------------------------- */

struct hjp_octets {
    const uint8_t *at;
    size_t length;
};

struct hjp_octets hjp_word(const char *text);
bool hjp_same(struct hjp_octets a, struct hjp_octets b);

/* Octets that grow.  All zero is an empty one.  Where memory has run out nothing is added
   any more, and the one who looks at failed before he uses the octets need not look after
   each step. */
struct hjp_buffer {
    uint8_t *at;
    size_t length, room;
    bool failed;
};

void hjp_clear(struct hjp_buffer *b); /* keeps its memory */
void hjp_add(struct hjp_buffer *b, struct hjp_octets octets);
void hjp_add_text(struct hjp_buffer *b, const char *text);
void hjp_add_number(struct hjp_buffer *b, uint64_t number);
void hjp_add_string(struct hjp_buffer *b, struct hjp_octets string); /* as JSON, in quotes */
void hjp_add_hex(struct hjp_buffer *b, struct hjp_octets octets);
/* Adds what hexadecimal digits stand for; false where they are not digits in pairs. */
bool hjp_add_unhex(struct hjp_buffer *b, struct hjp_octets digits);
struct hjp_octets hjp_octets_of(const struct hjp_buffer *b);

/* ---- A JSON object, scanned --------------------------------------------------------- */

enum hjp_kind {
    HJP_NULL,
    HJP_BOOLEAN,
    HJP_NUMBER,
    HJP_STRING,
    HJP_ARRAY,
    HJP_ARRAY_OF_STRINGS, /* also one without elements */
    HJP_OBJECT
};

struct hjp_value {
    enum hjp_kind kind;
    struct hjp_octets raw;    /* as it was written */
    struct hjp_octets string; /* HJP_STRING: escapes resolved, in UTF-8 */
    double number;            /* HJP_NUMBER */
    size_t object;            /* HJP_OBJECT: its serial number */
    size_t strings;           /* where in the document's strings those in it begin */
};

struct hjp_member {
    size_t object; /* the object that it is in */
    struct hjp_octets name;
    struct hjp_value value;
};

/* METADATA obeys the core's chapter of that name.  ANY is an object of RFC 8259 as a line of
   a testee: it may begin with white space, nest deeper, hold infinite numbers, and halves of
   surrogate pairs, which become three octets that are not well-formed UTF-8. */
enum hjp_rules { HJP_METADATA_RULES, HJP_ANY_RULES };

enum { HJP_TOP = 0 }; /* the serial number of the outermost object */

struct hjp_document {
    enum hjp_rules rules;
    uint8_t *text; /* an octet 0 follows it */
    uint8_t *strings;
    struct hjp_member *members;
    size_t room; /* for a text of so many octets */
    size_t at, strings_used, objects, count;
};

bool hjp_reserve(struct hjp_document *d, size_t length); /* false: no memory */
void hjp_release(struct hjp_document *d);
/* Whether the text is acceptable; there must be room for it. */
bool hjp_scan(struct hjp_document *d, struct hjp_octets text, enum hjp_rules rules);
/* The value of a member, or NULL where it is absent. */
const struct hjp_value *hjp_find(const struct hjp_document *d, size_t object, const char *name);
/* A number in plain digits and in range (HJP-MET-18, HJP-MET-19). */
bool hjp_is_integer(const struct hjp_value *v, double least, double most);
bool hjp_is_true(const struct hjp_value *v); /* NULL is not */

/* The elements of an array of strings, one after the other and from the first to the last. */
struct hjp_elements {
    struct hjp_document *document;
    size_t at, strings_used;
};

struct hjp_elements hjp_elements_of(struct hjp_document *d, const struct hjp_value *array);
bool hjp_next_element(struct hjp_elements *e, struct hjp_octets *string);

/* ---- Frames ------------------------------------------------------------------------- */

struct hjp_fault {
    const char *code;
    const char *limit; /* too_large: which (HJP-ERR-8); else NULL */
    const char *message;
};

enum hjp_event {
    HJP_WANTS_MORE, /* all input is taken */
    HJP_METADATA,   /* the JSON text is here and acceptable, the payload is still to come */
    HJP_FRAME,      /* the frame is complete */
    HJP_REFUSED,    /* see fault; no further octet is looked at (HJP-FRM-3) */
    HJP_NO_MEMORY
};

enum hjp_stage { HJP_IN_MAGIC, HJP_IN_HEADER, HJP_IN_JSON, HJP_IN_PAYLOAD, HJP_AT_FAULT };

/* Metadata is valid from its event on, payload from HJP_FRAME on, until the next call. */
struct hjp_decoder {
    uint32_t max_payload; /* to be changed, if at all, right after HJP_FRAME (HJP-LIM-3) */
    struct hjp_document metadata;
    struct hjp_octets json;
    struct hjp_buffer payload;
    size_t payload_length;
    const struct hjp_fault *fault;
    enum hjp_stage stage;
    size_t have, need; /* octets of this stage */
    uint8_t header[HJP_HEADER_SIZE];
};

/* A decoder begins as all zero and with a reset; false: no memory. */
bool hjp_reset(struct hjp_decoder *d, uint32_t max_payload);
void hjp_close(struct hjp_decoder *d);
/* Takes input and steps over it until something is to be told.  To be called until it wants
   more: what it tells does not wait for further octets (HJP-FRM-17). */
enum hjp_event hjp_decode(struct hjp_decoder *d, struct hjp_octets *input);
/* How many octets the next step needs; there is no use in reading more of them. */
size_t hjp_wanted(const struct hjp_decoder *d);
bool hjp_inside_frame(const struct hjp_decoder *d);

void hjp_write_header(uint8_t to[HJP_HEADER_SIZE], size_t json_length, size_t payload_length);
/* Adds a frame to a buffer, or tells why a receiver would have to refuse it (HJP-FRM-19).
   There must be room for HJP_MAX_JSON in the document, which serves to look at the text. */
const struct hjp_fault *hjp_encode(struct hjp_buffer *to, struct hjp_document *d,
                                   struct hjp_octets json, struct hjp_octets payload,
                                   uint32_t max_payload);

#endif
