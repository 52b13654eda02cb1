// A codec for HJP/1, made testable: a line of JSON in, a line of JSON out.
//
//     echo '{"cmd":"describe"}' | node codec_testee.mjs
//
// It runs as it is, on Node.js 20 or later. Replace the naive codec below by your own: the rest
// can stay.

// ---- YOUR CODEC HERE -------------------------------------------------------------------------
//
// Call your codec in Decoder (octets to frames) and encode (a frame to octets).
// What is here instead believes most of what it reads.

const START = Buffer.from('484a50ff01', 'hex'); // magic and version

// A frame is refused; the code, such as bad_magic, says why.
class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// Turns octets into frames, however the octets are divided.
class Decoder {
  constructor(maxPayload) {
    this.maxPayload = maxPayload;
    this.pieces = []; // octets that are not yet a whole frame
    this.have = 0;
    this.need = START.length; // then the header, then the frame
  }

  // Takes some octets, yields the frames that they complete; then it may throw Refused.
  * feed(chunk) {
    this.pieces.push(chunk);
    this.have += chunk.length;
    while (this.have >= this.need) {
      const waiting = Buffer.concat(this.pieces);
      this.pieces = [waiting];
      if (!waiting.subarray(0, 5).equals(START)) throw new Refused('bad_magic'); // a stranger
      this.need = 16;
      if (this.have < this.need) return;
      const end = 16 + waiting.readUInt32LE(8);
      this.need = end + waiting.readUInt32LE(12);
      if (this.have < this.need) return;
      const [text, payload] = [waiting.subarray(16, end), waiting.subarray(end, this.need)];
      if (!isObject(text)) throw new Refused('bad_json');
      this.pieces = [waiting.subarray(this.need)];
      this.have -= this.need;
      this.need = START.length;
      yield { text, payload };
    }
  }

  // Takes the end of the input; returns whether it lies between two frames.
  close() {
    return this.have === 0;
  }
}

// Whether a text is a JSON object, as far as the parser of JavaScript can tell.
function isObject(text) {
  try {
    const value = JSON.parse(text.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

// Writes one frame; throws Refused if no receiver with this limit could accept it.
function encode(text, payload, maxPayload) { // eslint-disable-line no-unused-vars
  const header = Buffer.alloc(16);
  START.copy(header);
  header.writeUInt32LE(text.length, 8);
  header.writeUInt32LE(payload.length, 12);
  return Buffer.concat([header, text, payload]);
}

// ---- End of your codec. What follows speaks with the suite. ----------------------------------

class BadLine extends Error {} // the line makes no sense; it is answered, and the next one is read

function needed(good, what) {
  if (!good) throw new BadLine(what);
}

function octets(digits) {
  const good = typeof digits === 'string' && digits.length % 2 === 0 && !/[^0-9a-f]/i.test(digits);
  needed(good, 'octets are hexadecimal digits in pairs');
  return Buffer.from(digits, 'hex');
}

function limit({ max_payload: value = 65_536 }) {
  needed(Number.isInteger(value) && value >= 0 && value < 2 ** 32, 'max_payload is out of range');
  return value;
}

function orRefusal(run) {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: 'reject', code: error.code };
  }
}

const COMMANDS = {
  // Leave out encode, here and below, if your codec only reads.
  describe: () => ({
    status: 'ok',
    testee: 1,
    name: 'my-codec 0.1',
    commands: ['describe', 'decode', 'encode', 'reset'],
    codes: true,
  }),

  // Feeds the chunks to a new decoder, one by one, then the end of the input.
  decode(request) {
    needed(Array.isArray(request.chunks), 'chunks is a list');
    const chunks = request.chunks.map(octets);
    const decoder = new Decoder(limit(request));
    const frames = [];
    let consumed = 0;
    const outcome = orRefusal(() => {
      for (const chunk of chunks) {
        for (const { text, payload } of decoder.feed(chunk)) {
          // Text that is no UTF-8 should have been refused: it shows in the report.
          frames.push({ json: text.toString(), payload: payload.toString('hex') });
          consumed += 16 + text.length + payload.length;
        }
      }
      return { status: decoder.close() ? 'accept' : 'incomplete' };
    });
    return { ...outcome, frames, consumed };
  },

  encode(request) {
    const { json, payload = '' } = request;
    needed(typeof json === 'string', 'json is a string');
    const [octetsOfPayload, maxPayload] = [octets(payload), limit(request)];
    return orRefusal(() => {
      if (!json.isWellFormed()) throw new Refused('bad_json'); // half a surrogate pair: no UTF-8
      const frame = encode(Buffer.from(json), octetsOfPayload, maxPayload);
      return { status: 'ok', hex: frame.toString('hex') };
    });
  },

  reset: () => ({ status: 'ok' }), // nothing is kept between two lines anyway
};

function parse(line) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
  } catch (error) {
    throw new BadLine(error.message);
  }
}

function answer(line) {
  try {
    const request = parse(line);
    needed(typeof request?.cmd === 'string', 'a line is a JSON object with a cmd');
    needed(Object.hasOwn(COMMANDS, request.cmd), 'cmd is not one of these');
    return COMMANDS[request.cmd](request);
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    return { status: 'error', message: error.message };
  }
}

// Only LF ends a line: node:readline would also break it at U+2028, which JSON may hold.
async function* lines(input) {
  let pieces = [];
  for await (const chunk of input) {
    let start = 0;
    for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
      yield Buffer.concat([...pieces, chunk.subarray(start, end)]);
      pieces = [];
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length) yield Buffer.concat(pieces);
}

for await (const line of lines(process.stdin)) {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
