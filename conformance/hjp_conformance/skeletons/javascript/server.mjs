// A server of HJP/1 on 127.0.0.1.
//
//     node server.mjs 9507
//
// It runs as it is, on Node.js 20 or later, and answers hello, ping, echo and upper, but believes
// most of what it reads: the suite tells what is missing.
import { createServer } from 'node:net';

const START = Buffer.from('484a50ff01', 'hex'); // magic and version
const MAX = 65_536; // octets of JSON text, and of payload
const NO_OCTETS = Buffer.alloc(0);

// An error after which the connection ends.
class Fatal extends Error {
  constructor(code, message, more) {
    super(message);
    this.error = { code, message, fatal: true, ...more };
  }
}

class Ended extends Error {} // the input has ended

// One connection: reads a frame, answers it, until the input ends.
async function serve(socket) {
  const input = new Input(socket);
  try {
    for (;;) {
      const { metadata, payload } = await readFrame(input);
      const reply = operate(metadata, payload);
      await writeFrame(socket, reply.metadata, reply.payload);
    }
  } catch (error) {
    if (error instanceof Fatal) {
      await writeFrame(socket, { id: 0, ok: false, error: error.error });
      await leave(socket, input);
    } else if (!(error instanceof Ended)) {
      console.error(error);
    }
  }
  socket.end();
}

// ---- YOUR FRAMES HERE ------------------------------------------------------------------------

class Input {
  constructor(socket) {
    this.chunks = socket[Symbol.asyncIterator]();
    this.waiting = NO_OCTETS;
  }

  // Reads just so many octets, however they arrive; throws Ended if they do not.
  async read(size) {
    const pieces = [this.waiting];
    let have = this.waiting.length;
    for (; have < size; have += pieces.at(-1).length) pieces.push(await this.next());
    const all = Buffer.concat(pieces);
    this.waiting = all.subarray(size);
    return all.subarray(0, size);
  }

  // The next octets, as many as there are.
  async next() {
    const { value, done } = await this.chunks.next().catch(() => ({ done: true }));
    if (done) throw new Ended();
    return value;
  }
}

async function readFrame(input) {
  const start = await input.read(5); // five octets tell a stranger
  if (!start.equals(START)) throw new Fatal('bad_magic', 'this is a server of HJP/1');
  const header = await input.read(11);
  // A length is only a claim: compare it before waiting for so many octets.
  const [size, rest] = [header.readUInt32LE(3), header.readUInt32LE(7)];
  if (size > MAX) throw new Fatal('too_large', 'the JSON is too long', { limit: 'max_json' });
  if (rest > MAX) throw new Fatal('too_large', 'too much payload', { limit: 'max_payload' });
  const metadata = parse(await input.read(size));
  return { metadata, payload: await input.read(rest) };
}

function parse(octets) {
  let metadata;
  try {
    metadata = JSON.parse(octets.toString());
  } catch (error) {
    throw new Fatal('bad_json', error.message);
  }
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw new Fatal('bad_json', 'metadata is a JSON object');
  }
  return metadata;
}

// Writes a frame; resolves when the client, or the system, has taken it.
function writeFrame(socket, metadata, payload = NO_OCTETS) {
  const text = Buffer.from(JSON.stringify(metadata));
  const header = Buffer.alloc(16);
  START.copy(header);
  header.writeUInt32LE(text.length, 8);
  header.writeUInt32LE(payload.length, 12);
  return new Promise((resolve) => {
    socket.write(Buffer.concat([header, text, payload]), resolve);
  });
}

// Says that nothing follows, then drops what still comes for up to 2 s: to close while octets lie
// unread would be a reset, which can reach the client before the error does.
async function leave(socket, input) {
  const clock = setTimeout(() => socket.destroy(), 2000);
  socket.end();
  try {
    for (;;) await input.next();
  } catch {
    clearTimeout(clock);
  }
}

// ---- YOUR OPERATIONS HERE --------------------------------------------------------------------

const HELLO = { features: [], limits: { max_payload: MAX }, server: 'my-server 0.1' };

// Each takes metadata and payload of a request and returns members and payload of its reply.
const OPERATIONS = {
  hello: () => ({ members: HELLO }),
  ping: () => ({}),
  echo: ({ data }, payload) => ({ members: { data }, payload }),
  upper: (_, payload) => ({
    payload: payload.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)),
  }),
};

// Carries out a request: metadata and payload of its reply.
function operate(metadata, payload) {
  const { id, op } = metadata;
  if (!Object.hasOwn(OPERATIONS, op)) {
    const error = { code: 'unknown_op', message: 'there is no such operation here' };
    return { metadata: { id, ok: false, error } };
  }
  const reply = OPERATIONS[op](metadata, payload);
  return { metadata: { id, ok: true, ...reply.members }, payload: reply.payload };
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('error', () => {}); // the client is gone; the end of the input tells it
  serve(socket);
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log(`ready hjp://127.0.0.1:${server.address().port}`);
});
