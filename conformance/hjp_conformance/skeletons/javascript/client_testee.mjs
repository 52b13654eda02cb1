// A client of HJP/1, made testable: its arguments say what to do.
//
//     HJP_URL=hjp://127.0.0.1:9507 node client_testee.mjs ping + upper hi.txt
//
// It prints a line for each action. The suite plays the server, right or wrong, and looks at
// both. It runs as it is, on Node.js 20 or later: replace the naive client below by your own.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';

// ---- YOUR CLIENT HERE ------------------------------------------------------------------------
//
// Call your client in the methods of Client. What is here instead believes most of what it is
// told.

const START = Buffer.from('484a50ff01', 'hex'); // magic and version

// What can come of a request but ok, and the code that says why.
//
// error: an error came as the reply. unsent: sending it would break the protocol. fatal: a fatal
// error came. refused: the client does not accept a frame. lost: the connection is lost.
class Failed extends Error {
  constructor(word, code = '') {
    super(`${word} ${code}`);
    Object.assign(this, { word, code });
  }
}

class Client {
  static async open(host, port) {
    const client = new Client();
    client.socket = connect(port, host).on('error', () => {}); // the end of the stream follows
    client.chunks = client.socket[Symbol.asyncIterator]();
    client.waiting = Buffer.alloc(0); // octets that have not been looked at
    client.id = 0;
    await once(client.socket, 'connect').catch(() => { throw new Failed('lost'); });
    client.socket.setNoDelay(); // a small frame is sent at once
    return client;
  }

  // Sends one frame: of a new request, unless the last one had `more`.
  send(op, members, payload) {
    if (!this.isOpen) this.id += 1;
    this.isOpen = members.more ?? false;
    const text = Buffer.from(JSON.stringify({ id: this.id, op, ...members }));
    const header = Buffer.alloc(16);
    START.copy(header);
    header.writeUInt32LE(text.length, 8);
    header.writeUInt32LE(payload.length, 12);
    this.socket.write(Buffer.concat([header, text, payload]));
  }

  // Waits for the next final reply and returns its payload.
  async receive() {
    const start = await this.#read(5); // five octets tell a stranger
    if (!start.equals(START)) throw new Failed('refused', 'bad_magic');
    const header = await this.#read(11);
    const [size, rest] = [header.readUInt32LE(3), header.readUInt32LE(7)];
    if (Math.max(size, rest) > 65_536) throw new Failed('refused', 'too_large');
    const text = await this.#read(size);
    let reply;
    try {
      reply = JSON.parse(text.toString());
    } catch {
      throw new Failed('refused', 'bad_json');
    }
    if (typeof reply?.ok !== 'boolean') throw new Failed('refused', 'bad_frame');
    const payload = await this.#read(rest);
    if (reply.ok) return payload;
    if (typeof reply.error?.code !== 'string') throw new Failed('refused', 'bad_frame');
    throw new Failed(reply.id === 0 ? 'fatal' : 'error', reply.error.code);
  }

  // Whether there is something to read now.
  async hasArrived() {
    await setImmediate(); // lets the socket take what has come
    return this.waiting.length + this.socket.readableLength > 0;
  }

  // Reads just so many octets, however they arrive.
  async #read(size) {
    while (this.waiting.length < size) {
      const { value, done } = await this.chunks.next().catch(() => ({ done: true }));
      if (done) throw new Failed('lost');
      this.waiting = Buffer.concat([this.waiting, value]);
    }
    const octets = this.waiting.subarray(0, size);
    this.waiting = this.waiting.subarray(size);
    return octets;
  }
}

// ---- End of your client. What follows does the actions and prints the lines. -----------------

// What one action sends, from its words; what is not offered ends with status 127. Take a line
// out if your client cannot do it: the suite then skips some cases.
const ACTIONS = {
  hello: (max) => request('hello', { limits: max ? { max_payload: Number(max) } : {} }),
  ping: () => request('ping'),
  echo: (file) => request('echo', {}, readFileSync(file)),
  upper: (file) => request('upper', {}, readFileSync(file)),
  ahead: (times, ...words) => ({ ...actionOf(words), times: Number(times) }),
  call: (op) => ({ op, isCall: true }),
};

const NO_OCTETS = Buffer.alloc(0);

function request(op, members = {}, payload = NO_OCTETS) {
  return { op, members, payload, times: 1 };
}

function actionOf([name, ...values]) {
  return Object.hasOwn(ACTIONS, name) ? ACTIONS[name](...values) : process.exit(127);
}

let status = 0;

// Prints a line, and exits if nothing can follow it.
function say(word, more) {
  process.stdout.write(`${word} ${more}`.trim().concat('\n'));
  if (word !== 'ok') status = 1;
  if (['fatal', 'refused', 'lost'].includes(word)) process.exit(status);
}

// Does something and returns the words of its line, if there is one.
async function outcome(run) {
  try {
    const payload = await run();
    return payload && ['ok', payload.toString('hex')];
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return [error.word, error.code];
  }
}

// Sends the requests; what arrives meanwhile is read before the next one is sent.
async function run(client, { op, members, payload, times }) {
  for (let toSend = times, toCome = times; toCome > 0;) {
    const sends = toSend > 0 && !(await client.hasArrived());
    if (sends) toSend -= 1;
    const step = () => (sends ? client.send(op, members, payload) : client.receive());
    const words = await outcome(step);
    if (words) {
      toCome -= 1;
      say(...words);
    }
  }
}

// Sends a frame for each line: `more HEX` or `last HEX`, HEX may be missing. A reply may come
// before the last frame: then the request is ended at once, by a frame without payload, and the
// lines that are left are only read.
async function call(client, { op }) {
  let words;
  for (let kind, hex; kind !== 'last';) {
    const { value: line, done } = await lines.next();
    if (done) break;
    [kind, hex = ''] = line.trim().split(' ');
    if (words) continue;
    if (await client.hasArrived()) {
      words = await outcome(() => client.receive());
      if (['ok', 'error'].includes(words[0])) client.send(op, {}, NO_OCTETS);
    } else {
      const members = kind === 'last' ? {} : { more: true };
      words = await outcome(() => client.send(op, members, Buffer.from(hex, 'hex')));
    }
    if (words) say(...words);
  }
  if (!words) say(...await outcome(() => client.receive()));
}

const lines = (async function* () { // nothing is read before the first next()
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('latin1')) {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop();
    yield* pieces;
  }
  if (rest) yield rest;
}());

// Does the actions, which a `+` separates, in their order on one connection.
const groups = [[]];
for (const word of process.argv.slice(2)) {
  if (word === '+') groups.push([]); else groups.at(-1).push(word);
}
const actions = groups.map(actionOf);
const { hostname, port } = new URL(process.env.HJP_URL);
const client = await Client.open(hostname, Number(port)).catch((error) => say(error.word, ''));
for (const action of actions) await (action.isCall ? call : run)(client, action);
process.exit(status);
