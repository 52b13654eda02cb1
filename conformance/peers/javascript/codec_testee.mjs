// The codec as a testee: a line of JSON in, a line of JSON out, until standard input ends, and
// with it the process, once all lines are out (HJP-TST-5).
import { Decoder, DEFAULT_MAX_PAYLOAD, encode, ProtocolError } from './codec.mjs';

const COMMANDS = {
  describe: () => ({
    status: 'ok',
    testee: 1,
    name: 'hjp-js 1.0',
    commands: Object.keys(COMMANDS),
    codes: true,
  }),

  decode(request) {
    if (!Array.isArray(request.chunks)) throw new Error('chunks is not an array');
    const chunks = request.chunks.map((chunk) => octets(chunk, 'a chunk'));
    const decoder = new Decoder({ maxPayload: limit(request) }); // HJP-TST-3
    const frames = [];
    let consumed = 0;
    const reply = (outcome) => ({ ...outcome, frames, consumed });
    try {
      for (const chunk of chunks) { // HJP-TST-4
        decoder.push(chunk);
        for (let frame; (frame = decoder.next()); consumed += frame.size) {
          frames.push({ json: frame.json, payload: Buffer.from(frame.payload).toString('hex') });
        }
      }
    } catch (error) {
      return reply(refusal(error));
    }
    return reply({ status: decoder.insideFrame ? 'incomplete' : 'accept' });
  },

  encode(request) {
    if (typeof request.json !== 'string') throw new Error('json is not a string');
    const payload = octets(request.payload === undefined ? '' : request.payload, 'payload');
    const maxPayload = limit(request);
    try {
      const frame = encode(request.json, payload, maxPayload);
      return { status: 'ok', hex: Buffer.from(frame).toString('hex') };
    } catch (error) {
      return refusal(error);
    }
  },

  reset: () => ({ status: 'ok' }), // nothing is kept between two lines
};

function refusal(error) {
  if (!(error instanceof ProtocolError)) throw error;
  return { status: 'reject', code: error.code };
}

function octets(hex, what) {
  const good = typeof hex === 'string' && hex.length % 2 === 0 && !/[^0-9a-f]/i.test(hex);
  if (good) return Buffer.from(hex, 'hex');
  throw new Error(`${what} is not hexadecimal digits in pairs`);
}

function limit({ max_payload: value = DEFAULT_MAX_PAYLOAD }) {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw new Error('max_payload is not an unsigned 32-bit integer');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function answer(line) {
  try {
    const request = JSON.parse(UTF8.decode(line));
    const known = typeof request?.cmd === 'string' && Object.hasOwn(COMMANDS, request.cmd);
    if (!known) throw new Error('unknown command');
    return COMMANDS[request.cmd](request);
  } catch (error) {
    return { status: 'error', message: String(error.message) }; // HJP-TST-2
  }
}

// Lines are split by hand: node:readline would also break them at U+2028, which JSON may hold.
let pieces = [];
const finish = (piece) => {
  const line = Buffer.concat([...pieces, piece]);
  pieces = [];
  process.stdout.write(`${JSON.stringify(answer(line))}\n`); // HJP-TST-1: no buffer of ours
};
for await (const chunk of process.stdin) {
  let start = 0;
  for (let end; (end = chunk.indexOf(0x0a, start)) >= 0; start = end + 1) {
    finish(chunk.subarray(start, end));
  }
  if (start < chunk.length) pieces.push(chunk.subarray(start));
}
if (pieces.length) finish(Buffer.alloc(0)); // a last line without its LF
