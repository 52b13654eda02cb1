// A core server of HJP/1 without features.
//
//   node server.mjs PORT [CLOCK=NUMBER …]        PORT 0 takes any free port
//
// It prints `ready hjp://127.0.0.1:PORT` when it listens. The limits with a time in their name
// can be set (HJP-OPD-4), as by `idle_ms=5000`. SIGTERM stops it.
import net from 'node:net';
import { Decoder, DEFAULT_MAX_PAYLOAD, encode, ProtocolError } from './codec.mjs';

const CLOCKS = {
  first_frame_ms: 10_000,
  frame_ms: 30_000,
  payload_ms: 30_000,
  idle_ms: 60_000,
  write_ms: 60_000,
};
const MAX_PAYLOAD = 1_048_576; // what we state in hello
const LINGER_MS = 2_000; // HJP-ERR-13
const BATCH = 65_536; // octets of replies made before the transport must have taken them

const isText = (node) => node.type === 'string';
const isTexts = (node) => node.type === 'array' && node.value.every(isText);

// HJP-MET-18, and HJP-MET-19: the text decides, so 1.0, 1e0 and -0 are mistyped.
const isInteger = (node, least, most = Number.MAX_SAFE_INTEGER) =>
  node.type === 'number' && /^[0-9]+$/.test(node.text) && node.value >= least && node.value <= most;

const fits = (node, test) => node === undefined || test(node); // absent, or as it has to be
const bad = (code, why) => { throw new ProtocolError(code, why); };

// An operation returns { members, payload } for its reply (members as JSON text, ready to be
// appended) or throws a ProtocolError. None has a body.
const OPERATIONS = new Map(Object.entries({
  hello({ members }, connection) {
    const [token, features, limits] = ['token', 'features', 'limits'].map((n) => members.get(n));
    if (!fits(token, isText)) bad('bad_request', 'token'); // HJP-COR-6, HJP-COR-8
    if (!fits(features, isTexts)) bad('bad_request', 'features');
    if (!fits(limits, (node) => node.type === 'object')) bad('bad_request', 'limits');
    const limit = limits?.value.get('max_payload');
    if (!fits(limit, (n) => isInteger(n, 65_536, 0xffff_ffff))) bad('bad_request', 'max_payload');
    connection.replyMaxPayload = limit?.value ?? DEFAULT_MAX_PAYLOAD; // HJP-LIM-4
    connection.decoder.maxPayload = MAX_PAYLOAD; // HJP-LIM-3: from the next frame on
    const stated = `{"max_payload":${MAX_PAYLOAD}}`;
    return { members: `,"features":[],"limits":${stated},"server":"hjp-js/1.0"` };
  },

  ping: () => ({ members: '' }),

  // HJP-COR-11: `data` goes back as the text it came in, so no number or name can change.
  echo({ members, payload }) {
    const data = members.get('data');
    return { members: data ? `,"data":${data.text}` : '', payload };
  },

  upper: ({ payload }) => ({ // HJP-COR-13
    members: '',
    payload: payload.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)),
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
  #lastId = 0; // the greatest id that came (HJP-MSG-3), answered at once too (HJP-LIF-13)
  #open = null; // { id, op } of a request that was answered before it ended: its frames are dropped
  #ended = false; // the input has ended
  #writing = false; // output waits for the transport: no frame is taken until it is gone
  #closing = false; // the last octets have been handed over; what still comes is dropped
  #cameAt = 0; // when the last octets came
  #timer;
  #clock = { name: 'first_frame_ms', due: performance.now() + CLOCKS.first_frame_ms };

  constructor(socket) {
    this.#socket = socket;
    this.decoder = new Decoder({ check: (members) => this.#check(members) });
    socket.setNoDelay(true);
    socket.on('data', (octets) => this.#read(octets));
    socket.on('end', () => { this.#ended = true; this.#pump(); });
    // HJP-LIM-9. Node winds this timer up again where it finds that the system has taken octets
    // since, so it fires after one to two write_ms without progress, and never before.
    socket.on('timeout', () => socket.resetAndDestroy());
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
    let frame;
    try {
      while ((size < BATCH || reason) && (frame = this.decoder.next())) {
        this.#clock.name = null; // every frame starts its clocks anew
        const reply = this.#act(frame, waited);
        if (reply) replies.push(reply);
        size += reply?.length ?? 0;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      reason = error; // HJP-ERR-9: behind the replies of the requests before it
    }
    if (reason) {
      if (reason.code === 'going_away') reason.details.last_id = this.#lastId;
      replies.push(errorFrame(0, reason));
      this.#close(replies);
    } else if (this.#ended && !frame) {
      this.#close(replies); // HJP-LIF-7 to HJP-LIF-9: an incomplete frame is left
    } else {
      if (replies.length) this.#write(replies);
      this.#wind();
    }
  }

  #write(replies) {
    this.#writing = true;
    this.#socket.write(Buffer.concat(replies), (error) => {
      this.#writing = false;
      if (error || this.#closing) return;
      this.#socket.setTimeout(0);
      this.#socket.resume();
      this.#clock.name = null; // HJP-LIM-10
      this.#pump();
    });
    if (this.#socket.writableLength > 0) { // the system did not take all of it at once
      this.#socket.pause();
      this.#socket.setTimeout(CLOCKS.write_ms);
    }
  }

  // The end of our direction (HJP-ERR-11, HJP-ERR-12), then that of the client or 2 s more
  // (HJP-ERR-13): when both have ended, Node closes. While our last octets wait nothing is read.
  #close(replies) {
    const socket = this.#socket;
    this.#closing = true;
    clearTimeout(this.#timer);
    socket.pause();
    socket.setTimeout(CLOCKS.write_ms);
    socket.end(Buffer.concat(replies), (error) => {
      if (error) return;
      socket.setTimeout(0);
      socket.resume();
      const timer = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once('close', () => clearTimeout(timer));
    });
  }

  // Precedence, rows 8 to 13: due with the JSON text, before the payload has come (HJP-ERR-20).
  #check(members) {
    const [id, op, more] = ['id', 'op', 'more'].map((name) => members.get(name));
    if (!id || !isInteger(id, 1)) bad('bad_id', 'id is missing or mistyped'); // HJP-MSG-2
    const later = this.#open?.id === id.value;
    if (!later && (this.#open || id.value <= this.#lastId)) { // HJP-MSG-4, HJP-MSG-5
      bad('bad_id', 'id is neither new in its turn nor open');
    }
    if (!op || !isText(op)) bad('bad_frame', 'op is missing or mistyped'); // HJP-MSG-7
    if (members.has('ok')) bad('bad_frame', 'ok in a request'); // HJP-MSG-8
    if (later && op.value !== this.#open.op) bad('bad_id', 'another op'); // HJP-MSG-9
    if (!fits(more, (node) => node.type === 'boolean')) bad('bad_frame', 'more is mistyped');
    if (op.value === 'hello' && this.#lastId > 0) bad('bad_frame', 'hello came late'); // HJP-LIF-3
    return { id: id.value, op: op.value, more: more?.value ?? false, later }; // HJP-MSG-11
  }

  // Acts on a complete frame: the octets of its reply, or null. Throws what is fatal.
  #act(frame, waited) {
    const { id, op, more, later } = frame.checked;
    this.#open = more ? { id, op } : null;
    if (later) return null; // HJP-MSG-20, HJP-MSG-22: answered already, so it is dropped
    this.#lastId = id;
    try {
      const { members, payload } = this.#carryOut(frame, waited);
      return encode(`{"id":${id},"ok":true${members}}`, payload, this.replyMaxPayload); // HJP-LIM-6
    } catch (error) {
      if (!(error instanceof ProtocolError) || op === 'hello') throw error; // HJP-COR-7
      return errorFrame(id, error);
    }
  }

  // Precedence, rows 14 to 17, then the time (HJP-MSG-31). No operation leaves anything behind
  // but hello, whose errors are fatal: so it may run before the time is looked at.
  #carryOut(frame, waited) {
    const operation = OPERATIONS.get(frame.checked.op);
    const timeout = frame.members.get('timeout_ms');
    if (!operation) bad('unknown_op', 'no such operation here'); // HJP-ERR-16
    if (frame.checked.more) bad('bad_request', 'more, but there is no body'); // HJP-ERR-17
    if (!fits(timeout, (node) => isInteger(node, 1))) bad('bad_request', 'timeout_ms');
    const reply = operation(frame, this);
    if (timeout && waited >= timeout.value) bad('timeout', 'not begun in time');
    return reply;
  }

  // Sets the clock that now runs (HJP-LIM-7, HJP-LIM-8). None runs while output waits: write_ms
  // does. The octets of a payload must not be silent for payload_ms; nor may, in a span of that
  // length (they follow each other from the first octet on), less than 1 KiB/s come. A span that
  // has its octets needs no end: a silence that begins in it ends before the next span does.
  #wind() {
    clearTimeout(this.#timer);
    if (this.#writing || this.#closing) return;
    const now = performance.now();
    const { stage, insideFrame, buffered } = this.decoder;
    const name = stage === 'payload' ? 'payload_ms'
      : this.#clock.name === 'first_frame_ms' ? 'first_frame_ms' // no frame has been taken yet
      : insideFrame ? 'frame_ms' : 'idle_ms';
    const time = CLOCKS[name];
    if (name !== this.#clock.name) this.#clock = { name, due: now + time, came: 0, before: 0 };
    const clock = this.#clock;
    if (name === 'payload_ms' && buffered > clock.came) {
      if (clock.came === 0) {
        clock.spanEnd = now + time;
      } else if (now >= clock.spanEnd) {
        clock.spanEnd += time;
        clock.before = clock.came;
      }
      clock.came = buffered;
      const enough = clock.came - clock.before >= time * 1.024;
      clock.due = enough ? now + time : Math.min(now + time, clock.spanEnd);
    }
    const error = new ProtocolError(name === 'idle_ms' ? 'going_away' : 'timeout', name);
    this.#timer = setTimeout(() => this.#pump(error), Math.max(0, clock.due - now));
  }
}

const [port, ...settings] = process.argv.slice(2);
for (const [name, value] of settings.map((setting) => setting.split('='))) {
  CLOCKS[name] = name in CLOCKS ? Number(value) : NaN;
}
const validPort = /^[0-9]+$/.test(port) && port <= 65_535;
if (!validPort || !Object.values(CLOCKS).every((time) => time > 0)) {
  console.error('usage: server.mjs PORT [CLOCK=NUMBER …]   (PORT 0: any free port)');
  process.exit(2);
}

const connections = new Set();
// allowHalfOpen: we go on answering after the client's end.
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  const connection = new Connection(socket);
  connections.add(connection);
  socket.once('close', () => connections.delete(connection));
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`ready hjp://127.0.0.1:${server.address().port}`);
});

process.on('SIGTERM', () => {
  server.close();
  for (const connection of connections) connection.stop();
});
