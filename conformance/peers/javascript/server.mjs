// An HJP/1 core server.
//
//   node server.mjs PORT [LIMIT=NUMBER …]        PORT 0 takes any free port
//
// It prints `ready hjp://127.0.0.1:PORT` when it listens. The limits with a time in their name and
// max_payload can be set (HJP-OPD-4), for example `idle_ms=5000`. SIGTERM or SIGINT stops it.
import net from 'node:net';
import { Decoder, DEFAULT_MAX_PAYLOAD, encode, ProtocolError } from './codec.mjs';

const LIMITS = {
  max_payload: 1_048_576, // what we state in hello
  first_frame_ms: 10_000,
  frame_ms: 30_000,
  payload_ms: 30_000,
  idle_ms: 60_000,
  write_ms: 60_000,
};
const LINGER_MS = 2_000; // HJP-ERR-13
const BATCH = 65_536; // octets of replies that are made before the transport must have taken them

const isText = (node) => node.type === 'string';

// HJP-MET-18, and HJP-MET-19: the text decides, so 1.0, 1e0 and -0 are mistyped.
const isInteger = (node, least, most = Number.MAX_SAFE_INTEGER) =>
  node.type === 'number' && /^[0-9]+$/.test(node.text) && node.value >= least && node.value <= most;

// Absent, or as it has to be.
const fits = (node, test) => node === undefined || test(node);

// An operation returns { members, payload } for its reply (members as JSON text, ready to be
// appended) or throws a ProtocolError. None has a body of several frames.
const OPERATIONS = new Map(Object.entries({
  hello({ members }, connection) {
    // HJP-COR-6, in the order of the table of operations.
    const limits = members.get('limits');
    const bad =
      !fits(members.get('token'), isText) ? 'token' :
      !fits(members.get('features'), (node) => node.type === 'array' && node.value.every(isText)) ? 'features' :
      !fits(limits, (node) => node.type === 'object') ? 'limits' :
      !fits(limits?.value.get('max_payload'), (node) => isInteger(node, 65_536, 0xffff_ffff)) ? 'max_payload' : null;
    if (bad) throw new ProtocolError('bad_request', `hello: ${bad}`);
    connection.replyMaxPayload = limits?.value.get('max_payload')?.value ?? DEFAULT_MAX_PAYLOAD; // HJP-LIM-4
    connection.decoder.maxPayload = LIMITS.max_payload; // HJP-LIM-3: from the next frame on
    return { members: `,"features":[],"limits":{"max_payload":${LIMITS.max_payload}},"server":"hjp-js/1.0"` };
  },

  ping: () => ({ members: '' }),

  // HJP-COR-11: `data` goes back as the text it came in, so no number or name can change.
  echo({ members, payload }) {
    const data = members.get('data');
    return { members: data ? `,"data":${data.text}` : '', payload };
  },

  upper: ({ payload }) => ({
    members: '',
    payload: payload.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)), // HJP-COR-13
  }),
}));

// HJP-ERR-1 to HJP-ERR-4.
function errorFrame(id, { code, message, details }) {
  const fatal = id === 0 ? { fatal: true } : {};
  return encode(JSON.stringify({ id, ok: false, error: { code, message, ...fatal, ...details } }));
}

class Connection {
  replyMaxPayload = DEFAULT_MAX_PAYLOAD;
  #socket;
  #lastId = 0; // the greatest id that came, HJP-MSG-3
  #lastDone = 0; // the last id of which something was carried out, HJP-LIF-11
  #open = null; // { id, op } of a request that was answered before it ended: its frames are dropped
  #ended = false; // the input has ended
  #writing = false; // output waits for the transport: no frame is taken until it is gone
  #closing = false; // the last octets have been handed over; what still comes is dropped
  #cameAt = 0; // when the last octets came
  #timer;
  #clock = { phase: 'first', from: performance.now(), mark: 0 };

  constructor(socket) {
    this.#socket = socket;
    this.decoder = new Decoder({ check: (members) => this.#check(members) });
    socket.setNoDelay(true);
    socket.on('data', (octets) => this.#read(octets));
    socket.on('end', () => { this.#ended = true; this.#pump(); });
    socket.on('finish', () => socket.setTimeout(0));
    // Node restarts this timer when the system takes octets from us, and nothing is read while
    // output waits: so it fires after write_ms without progress, or at its next turn (HJP-LIM-9).
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => {}); // a reset: 'close' follows, other connections live on (HJP-LIF-6)
    socket.on('close', () => { this.#closing = true; clearTimeout(this.#timer); });
    this.#wind();
  }

  // HJP-LIF-11. What has come completely is finished; what the transport still holds is not read.
  stop() {
    this.#pump(new ProtocolError('going_away', 'the server stops'));
  }

  #read(octets) {
    if (this.#closing) return; // HJP-ERR-10, HJP-ERR-13
    this.#cameAt = performance.now();
    this.decoder.push(octets);
    this.#pump();
  }

  // Takes frames and answers them, in their order (HJP-MSG-15), until there is none, or the
  // replies fill a batch: then not a frame is taken, nor an octet read, before the client takes
  // what waits for it (HJP-LIF-5). With `reason` the connection ends with that error, after all
  // frames that are here.
  #pump(reason = null) {
    if (this.#closing || (this.#writing && !reason)) return;
    const waited = performance.now() - this.#cameAt; // behind blocked output, else about 0
    const replies = [];
    let size = 0;
    let dry = false;
    try {
      while (size < BATCH || reason) {
        const frame = this.decoder.next();
        if (!frame) { dry = true; break; }
        this.#clock.phase = null; // every frame starts its clocks anew
        const reply = this.#act(frame, waited);
        if (reply) { replies.push(reply); size += reply.length; }
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      reason = error; // HJP-ERR-9: behind the replies of the requests before it
    }
    if (reason) {
      if (reason.code === 'going_away') reason.details.last_id = this.#lastDone;
      replies.push(errorFrame(0, reason));
      return this.#close(replies, () => this.#linger());
    }
    if (dry && this.#ended) return this.#close(replies); // HJP-LIF-7 to HJP-LIF-9: an incomplete frame is left
    if (replies.length) this.#write(replies);
    this.#wind();
  }

  #write(replies) {
    this.#writing = true;
    this.#socket.write(Buffer.concat(replies), () => {
      this.#writing = false;
      if (this.#closing) return;
      this.#socket.setTimeout(0);
      this.#socket.resume();
      this.#clock.phase = null; // the time that the client spent on reading is not held against it
      this.#pump();
    });
    if (this.#socket.writableLength > 0) { // the system did not take all of it at once
      this.#socket.pause();
      this.#socket.setTimeout(LIMITS.write_ms);
    }
  }

  // The end of our direction (HJP-ERR-11, HJP-ERR-12). Node closes the socket when both have ended.
  #close(replies, then = () => {}) {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#socket.pause();
    this.#socket.setTimeout(LIMITS.write_ms);
    this.#socket.once('finish', then);
    this.#socket.end(Buffer.concat(replies));
  }

  // HJP-ERR-13: closing while octets lie unread would reset the connection, and the reset could
  // overtake the error. The 2 s begin when the error is out, however long the client took for
  // the replies in front of it.
  #linger() {
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  // Precedence, rows 8 to 13: due with the JSON text, before the payload has come.
  #check(members) {
    const [id, op, more] = ['id', 'op', 'more'].map((name) => members.get(name));
    if (!id || !isInteger(id, 1)) throw new ProtocolError('bad_id', 'id is missing or mistyped'); // HJP-MSG-2
    const later = this.#open?.id === id.value;
    if (!later && id.value <= this.#lastId) throw new ProtocolError('bad_id', 'id is neither new nor open'); // HJP-MSG-4
    if (!later && this.#open) throw new ProtocolError('bad_id', 'another request has not ended'); // HJP-MSG-5
    if (!op || !isText(op)) throw new ProtocolError('bad_frame', 'op is missing or mistyped'); // HJP-MSG-7
    if (members.has('ok')) throw new ProtocolError('bad_frame', 'ok in a request'); // HJP-MSG-8
    if (later && op.value !== this.#open.op) throw new ProtocolError('bad_id', 'another op'); // HJP-MSG-9
    if (!fits(more, (node) => node.type === 'boolean')) throw new ProtocolError('bad_frame', 'more is mistyped'); // HJP-MSG-10
    if (op.value === 'hello' && this.#lastId > 0) throw new ProtocolError('bad_frame', 'hello came late'); // HJP-LIF-3
    return { id: id.value, op: op.value, more: more?.value ?? false, later }; // HJP-MSG-11
  }

  // Acts on a complete frame: the octets of its reply, or null. Throws what is fatal.
  #act(frame, waited) {
    const { id, op, more, later } = frame.checked;
    this.#open = more ? { id, op } : null;
    if (later) return null; // HJP-MSG-20, HJP-MSG-22: answered already, so it is dropped
    this.#lastId = id;
    try {
      const operation = this.#admit(op, more, frame.members.get('timeout_ms'), waited);
      const { members, payload } = operation(frame, this);
      this.#lastDone = id;
      return encode(`{"id":${id},"ok":true${members}}`, payload, this.replyMaxPayload); // or HJP-LIM-6
    } catch (error) {
      if (!(error instanceof ProtocolError) || op === 'hello') throw error; // HJP-COR-7: always fatal
      return errorFrame(id, error);
    }
  }

  // Precedence, rows 14 to 16, then the deadline of HJP-MSG-31.
  #admit(op, more, timeout, waited) {
    const operation = OPERATIONS.get(op);
    if (!operation) throw new ProtocolError('unknown_op', 'no such operation here'); // HJP-ERR-16
    if (more) throw new ProtocolError('bad_request', 'more, but the operation has no body'); // HJP-ERR-17
    if (!fits(timeout, (node) => isInteger(node, 1))) throw new ProtocolError('bad_request', 'timeout_ms'); // HJP-MSG-30
    if (timeout && waited >= timeout.value) throw new ProtocolError('timeout', 'not begun in time');
    return operation;
  }

  // Sets the clock that now runs (HJP-LIM-7, HJP-LIM-8). None runs while output waits: write_ms does.
  #wind() {
    clearTimeout(this.#timer);
    if (this.#writing || this.#closing) return;
    const { stage, insideFrame, buffered } = this.decoder;
    const phase = stage === 'payload' ? 'payload'
      : this.#clock.phase === 'first' ? 'first' // no frame has been taken yet
      : insideFrame ? 'frame' : 'idle';
    if (phase !== this.#clock.phase) this.#clock = { phase, from: performance.now(), mark: buffered };
    const limit = { first: 'first_frame_ms', frame: 'frame_ms', payload: 'payload_ms', idle: 'idle_ms' }[phase];
    const left = this.#clock.from + LIMITS[limit] - performance.now();
    this.#timer = setTimeout(() => this.#expire(phase, limit), Math.max(0, left));
  }

  #expire(phase, limit) {
    const came = this.decoder.buffered - this.#clock.mark;
    if (phase === 'payload' && came >= LIMITS.payload_ms * 1.024) { // 1 KiB/s
      // The next window begins with the last octet, so that a silence also ends after payload_ms.
      this.#clock = { phase, from: this.#cameAt, mark: this.decoder.buffered };
      return this.#wind();
    }
    this.#pump(new ProtocolError(phase === 'idle' ? 'going_away' : 'timeout', limit));
  }
}

const [port, ...settings] = process.argv.slice(2);
for (const setting of settings) {
  const [name, value] = setting.split('=');
  if (!(name in LIMITS) || !(Number(value) > 0)) throw new Error(`not a limit: ${setting}`);
  LIMITS[name] = Number(value);
}

const connections = new Set();
const server = net.createServer({ allowHalfOpen: true }, (socket) => { // we go on answering after the client's end
  const connection = new Connection(socket);
  connections.add(connection);
  socket.once('close', () => connections.delete(connection));
});
server.listen(Number(port), '127.0.0.1', () => console.log(`ready hjp://127.0.0.1:${server.address().port}`));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close();
    for (const connection of connections) connection.stop();
  });
}
