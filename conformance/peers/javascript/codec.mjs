// A codec for HJP/1: octets in, frames out, and back. It does no input or output of its own
// and uses nothing but Uint8Array, TextEncoder and TextDecoder, so it runs in a browser too.
//
//   const decoder = new Decoder();
//   decoder.push(octets);                               // any cut of the stream
//   for (let f; (f = decoder.next()); ) use(f.json, f.payload);
//   send(encode('{"id":1,"op":"ping"}'));
//
// Errors are thrown as ProtocolError, with the code of Precedence, rows 1 to 7.

export const MAX_JSON = 65_536;
export const DEFAULT_MAX_PAYLOAD = 65_536;
const MAX_DEPTH = 32;
const HEADER = 16;
const MAGIC = [0x48, 0x4a, 0x50, 0xff];
const VERSION = 1;
const NOTHING = new Uint8Array(0);

export class ProtocolError extends Error {
  // `details` are the members that the code adds to `error` on the wire: `limit`, `versions`.
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

function fault(...details) {
  throw new ProtocolError(...details);
}

// ---------------------------------------------------------------- metadata

const UTF8 = new TextDecoder('utf-8', { fatal: true }); // fatal: a replacing decoder is no check
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

// Scans a JSON text given as octets; JSON.parse would let duplicate names, lone surrogates and
// infinite numbers pass. Returns { text, members }: the text as a string and a Map from name to
// node. A node is { type, value, text }; `text` is the value just as it was written, because
// "1" and "1.0" differ for HJP-MET-19 and because echo can then give back what it was given.
// The value of an object is a Map of nodes (so no name is special), of an array an array of nodes.
export function scan(octets) {
  const fail = (why) => fault('bad_json', why);

  if (octets[0] !== 0x7b) fail('the first octet is not {'); // HJP-MET-3: no byte order mark either
  let text;
  try {
    text = UTF8.decode(octets); // HJP-MET-2
  } catch {
    fail('not well-formed UTF-8');
  }
  let p = 0;

  const match = (pattern) => {
    pattern.lastIndex = p;
    const found = pattern.exec(text);
    if (found) p = pattern.lastIndex;
    return found?.[0];
  };
  const space = () => match(SPACE); // HJP-MET-5
  const step = (octet) => (text[p] === octet ? p++ : fail(`${octet} expected at ${p}`));

  const value = (depth) => { // depth: objects and arrays open around the value
    const start = p;
    const node = (type, result) => ({ type, value: result, text: text.slice(start, p) });
    switch (text[p]) {
      case '{': return node('object', object(depth + 1));
      case '[': return node('array', array(depth + 1));
      case '"': return node('string', string());
      case 't': case 'f': case 'n': {
        const literal = match(LITERAL) ?? fail(`not a literal at ${p}`);
        return literal === 'null' ? node('null', null) : node('boolean', literal === 'true');
      }
      default: return node('number', number());
    }
  };

  const series = (close, depth, item) => {
    if (depth > MAX_DEPTH) fail('nested too deeply'); // HJP-MET-12, HJP-MET-13
    p++;
    space();
    if (text[p] === close) return void p++;
    for (;;) {
      item();
      space();
      if (text[p] === close) return void p++;
      step(',');
      space();
    }
  };

  const object = (depth) => {
    const members = new Map();
    series('}', depth, () => {
      if (text[p] !== '"') fail(`a name expected at ${p}`);
      const name = string(); // HJP-MET-7: with its escapes resolved
      if (members.has(name)) fail('two members of one name'); // HJP-MET-6
      space();
      step(':');
      space();
      members.set(name, value(depth));
    });
    return members;
  };

  const array = (depth) => {
    const items = [];
    series(']', depth, () => items.push(value(depth)));
    return items;
  };

  const unit = () => parseInt(match(HEX4) ?? fail(`four hexadecimal digits expected at ${p}`), 16);

  const string = () => {
    let result = '';
    p++;
    for (;;) {
      result += match(PLAIN);
      const octet = text[p++];
      if (octet === '"') return result;
      if (octet !== '\\') fail('a control character in a string, or no end of it');
      const escape = text[p++];
      if (escape !== 'u') {
        result += ESCAPES[escape] ?? fail(`no such escape at ${p}`);
        continue;
      }
      const first = unit();
      result += String.fromCharCode(first);
      if (first >= 0xdc00 && first <= 0xdfff) fail('a lone surrogate'); // HJP-MET-9
      if (first >= 0xd800 && first <= 0xdbff) {
        step('\\');
        step('u');
        const second = unit();
        if (second < 0xdc00 || second > 0xdfff) fail('a lone surrogate');
        result += String.fromCharCode(second);
      }
    }
  };

  const number = () => {
    const result = Number(match(NUMBER) ?? fail(`a value expected at ${p}`));
    return Number.isFinite(result) ? result : fail('an infinite number'); // HJP-MET-11
  };

  const members = value(0).value;
  space();
  if (p !== text.length) fail('something follows the object'); // HJP-MET-4
  return { text, members };
}

// ---------------------------------------------------------------- frames

// Precedence, rows 4 to 6. The numbers are unsigned (DataView, array lengths): nothing is
// allocated or added up before it was compared.
function checkLengths(json, payload, maxPayload) {
  if (json < 2) fault('bad_frame', 'json_length is less than 2');
  if (json > MAX_JSON) fault('too_large', 'json_length', { limit: 'max_json' });
  if (payload > maxPayload) fault('too_large', 'payload_length', { limit: 'max_payload' });
}

// Writes one frame (HJP-FRM-1). `json` is the JSON text as a string and is written as it is;
// what a receiver would refuse is refused here, with the receiver's code (HJP-FRM-19).
export function encode(json, payload = NOTHING, maxPayload = DEFAULT_MAX_PAYLOAD) {
  const octets = new TextEncoder().encode(json);
  checkLengths(octets.length, payload.length, maxPayload);
  // TextEncoder replaces a lone surrogate of the string, which has no octets in UTF-8.
  if (scan(octets).text !== json) fault('bad_json', 'a lone surrogate');
  const frame = new Uint8Array(HEADER + octets.length + payload.length);
  frame.set(MAGIC);
  frame[4] = VERSION;
  const view = new DataView(frame.buffer);
  view.setUint32(8, octets.length, true);
  view.setUint32(12, payload.length, true);
  frame.set(octets, HEADER);
  frame.set(payload, HEADER + octets.length);
  return frame;
}

// Takes a stream in any cuts (HJP-FRM-14) and gives its frames one by one. The caller pulls them:
// nothing of a frame is looked at before the one in front of it was given out, so `maxPayload`
// may be changed between two frames, and a caller whose output is blocked just stops pulling.
//
// A frame is { json, members, checked, payload, size }. `check(members)`, if given, is called once
// the JSON text is complete and before the payload is waited for: the place for the checks of
// rows 8 to 13, which are due there. It throws a ProtocolError, or returns what becomes `checked`.
export class Decoder {
  #buffer = NOTHING; // the octets from #start to #end wait to be taken
  #start = 0;
  #end = 0;
  #stage = 'header';
  #jsonLength = 0;
  #payloadLength = 0;
  #frame = null;
  #error = null;

  constructor({ maxPayload = DEFAULT_MAX_PAYLOAD, check = () => undefined } = {}) {
    this.maxPayload = maxPayload;
    this.check = check;
  }

  get buffered() { return this.#end - this.#start; }
  get stage() { return this.#stage; } // what is waited for: 'header', 'json' or 'payload'
  get insideFrame() { return this.#stage !== 'header' || this.buffered > 0; }

  // Copies the octets, so the caller may use its array again. The buffer grows with the octets
  // that come, never with those that a header announces.
  push(octets) {
    if (this.#error) return;
    const need = this.buffered + octets.length;
    if (this.#end + octets.length > this.#buffer.length) {
      const waiting = this.#buffer.subarray(this.#start, this.#end);
      // Doubling, and moving only when half of the room is free, keeps the copying linear.
      if (need * 2 > this.#buffer.length) this.#buffer = new Uint8Array(need * 2);
      this.#buffer.set(waiting);
      this.#start = 0;
      this.#end = waiting.length;
    }
    this.#buffer.set(octets, this.#end);
    this.#end += octets.length;
  }

  // The next complete frame, or null when more octets are needed. Throws ProtocolError; after
  // that the stream is lost, and every later call throws the same (HJP-FRM-3).
  next() {
    if (this.#error) throw this.#error;
    try {
      return this.#step();
    } catch (error) {
      this.#error = error;
      this.#buffer = NOTHING;
      this.#start = this.#end = 0;
      throw error;
    }
  }

  #step() {
    if (this.#stage === 'header') {
      if (this.buffered < 5) return null;
      this.#checkMagicAndVersion();
      if (this.buffered < HEADER) return null;
      this.#readHeader();
    }
    if (this.#stage === 'json') {
      if (this.buffered < this.#jsonLength) return null;
      // HJP-MET-14: before the payload.
      const { text, members } = scan(this.#take(this.#jsonLength));
      this.#frame = { json: text, members, checked: this.check(members) };
      this.#stage = 'payload';
    }
    if (this.buffered < this.#payloadLength) return null;
    const payload = this.#take(this.#payloadLength).slice(); // a copy: the buffer will move on
    const size = HEADER + this.#jsonLength + this.#payloadLength;
    this.#stage = 'header';
    if (this.buffered === 0) this.#release();
    return { ...this.#frame, payload, size };
  }

  // Rows 1 and 2: with five octets, not one more (HJP-FRM-5), since the header of another
  // version may be shorter than ours.
  #checkMagicAndVersion() {
    const octets = this.#buffer.subarray(this.#start, this.#start + 5);
    if (MAGIC.some((octet, i) => octets[i] !== octet)) fault('bad_magic', 'this is not HJP');
    if (octets[4] !== VERSION) { // HJP-FRM-4, HJP-FRM-6
      fault('bad_version', `version ${octets[4]}`, { versions: [VERSION] });
    }
  }

  // Rows 3 to 6 (HJP-FRM-11).
  #readHeader() {
    const octets = this.#take(HEADER);
    if (octets[5] || octets[6] || octets[7]) fault('bad_frame', 'a reserved octet is not 0');
    const view = new DataView(octets.buffer, octets.byteOffset, HEADER);
    const json = view.getUint32(8, true);
    const payload = view.getUint32(12, true);
    checkLengths(json, payload, this.maxPayload);
    this.#jsonLength = json;
    this.#payloadLength = payload;
    this.#stage = 'json';
  }

  #take(count) {
    return this.#buffer.subarray(this.#start, (this.#start += count));
  }

  // An idle connection does not keep the room of its largest frame.
  #release() {
    this.#start = this.#end = 0;
    if (this.#buffer.length > 2 * MAX_JSON) this.#buffer = NOTHING;
  }
}
