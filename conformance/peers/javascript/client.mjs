// A core client of HJP/1 without features.
//
//   const client = await connect('hjp://127.0.0.1:9507');
//   await client.hello({ maxPayload: 1_048_576 });              // optional, and only as the first
//   const { members, payload } = await client.upper(octets);
//   await client.request('x-find', { members: { text: 'a' } }); // a request of one frame
//   const request = client.open('x-put');                       // a request of several
//   await request.send(octets);                                 // a frame with more to come
//   await request.end(octets);                                  // its last frame
//   for await (const interim of request) show(interim.members);
//   await request.reply;
//   await client.close();
//
// Requests may be sent without waiting for the replies of earlier ones; who sends many awaits
// `client.drained()` between them. The client reads all the time (HJP-LIF-4), and so keeps the
// interim replies of an opened request until somebody takes them.
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Decoder, DEFAULT_MAX_PAYLOAD, encode, ProtocolError } from './codec.mjs';

const PORT = 9507;
const CLOSE_MS = 2_000; // what close() gives a server that does not take our last octets
const CODES = new Set((
  'bad_magic bad_version bad_frame bad_json bad_id too_large timeout unauthorized bad_request ' +
  'going_away unknown_op unsupported internal cancelled busy rate_limited forbidden bad_name ' +
  'not_found exists conflict no_space offset_mismatch size_mismatch digest_mismatch superseded ' +
  'changed exec_failed cookie_required').split(' '));

// kind     what has happened                                    the connection
// error    the final reply is an error                          goes on
// unsent   not sent, since it would break the protocol          goes on
// fatal    a fatal error came                                   has ended
// refused  a frame of the server was refused                    has ended
// lost     the stream ended, or never began (HJP-LIF-10)        has ended
//
// `code` is a code of the table, or '' for `lost`; `details` is the object `error` as it came.
export class HjpError extends Error {
  constructor(kind, code, message, details = {}) {
    super(message);
    Object.assign(this, { kind, code, details });
  }
}

const within = (value, least, most = Number.MAX_SAFE_INTEGER) =>
  Number.isSafeInteger(value) && value >= least && value <= most;
const isMaxPayload = (value) => within(value, 65_536, 0xffff_ffff);
const areLimits = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
  && (value.max_payload === undefined || isMaxPayload(value.max_payload));

// The value of a number in plain digits (HJP-MET-18, HJP-MET-19), else undefined.
const integer = (node) => (/^[0-9]+$/.test(node?.text) && within(node.value, 0) ? node.value
  : undefined);

export function connect(url) {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/[[\]]/g, ''); // of IPv6
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port: Number(port || PORT), noDelay: true });
    const client = new Client(socket);
    socket.once('connect', () => resolve(client));
    client.ended.then(reject);
  });
}

// `reply` is the promise of the final reply, { members, payload }.
class Request {
  id = 0; // given with the first frame
  settled = false;
  #transmit;
  #ended = false; // its last frame has been sent
  #interims = [];
  #wake = () => {};

  constructor(op, transmit) {
    this.op = op;
    this.#transmit = transmit;
    this.reply = new Promise((resolve, reject) => {
      this.settle = (error, reply) => {
        this.settled = true;
        if (error) reject(error); else resolve(reply);
        this.#wake();
      };
    });
    this.reply.catch(() => {}); // whoever awaits it gets the error, now or later
  }

  // Both resolve when the transport has room again. Nothing is sent once `reply` is settled: after
  // a final reply the client itself has ended the request (HJP-MSG-23). What must not be sent
  // rejects `reply` with the first frame; a later frame throws, and the request stays open.
  send(payload, members) { return this.#frame(true, payload, members); }
  end(payload, members) { return this.#frame(false, payload, members); }

  async #frame(more, payload, members) {
    if (this.settled) return undefined;
    if (this.#ended) throw new Error('the request has ended');
    const drained = this.#transmit(this, more, payload, members);
    this.#ended = !more;
    return drained;
  }

  interim(reply) {
    this.#interims.push(reply);
    this.#wake();
  }

  async *[Symbol.asyncIterator]() { // the interim replies; the final one is in `reply`
    for (;;) {
      while (this.#interims.length) yield this.#interims.shift();
      if (this.settled) return;
      await new Promise((resolve) => { this.#wake = resolve; });
    }
  }
}

class Client {
  maxPayload = DEFAULT_MAX_PAYLOAD; // what the server takes (HJP-LIM-1)
  #socket;
  #decoder = new Decoder({ check: (members) => this.#check(members) });
  #lastId = 0;
  #requests = new Map(); // by id: those sent whose final reply has not come
  #open = null; // the request whose last frame has not been sent: no other may begin
  #error = null; // what ended the connection
  #drains = []; // who waits for room in the transport

  constructor(socket) {
    this.#socket = socket;
    const lost = (why) => this.#finish(new HjpError('lost', '', why));
    socket.on('data', (octets) => this.#read(octets));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => lost('the stream has ended'));
    socket.on('error', (error) => lost(error.message));
    this.ended = new Promise((resolve) => { // with the error that ended the connection
      socket.on('close', () => { lost('the connection was closed'); resolve(this.#error); });
    });
  }

  hello({ maxPayload, token } = {}) {
    const limits = maxPayload === undefined ? undefined : { max_payload: maxPayload };
    return this.request('hello', { members: { token, limits } });
  }

  ping() { return this.request('ping'); }
  echo(payload, data) { return this.request('echo', { payload, members: { data } }); }
  upper(payload) { return this.request('upper', { payload }); }

  // `members` are those of the operation, and `timeout_ms`. Interim replies are dropped.
  request(op, { payload, members } = {}) {
    const request = this.open(op);
    request.interim = () => {};
    request.end(payload, members);
    return request.reply;
  }

  open(op) {
    const request = new Request(op, (...frame) => this.#transmit(...frame));
    const busy = this.#open && new HjpError('unsent', 'bad_id', 'another request has not ended');
    const error = this.#error ?? busy; // HJP-ERR-14, HJP-MSG-5
    if (error) request.settle(error); else this.#open = request;
    return request;
  }

  // Resolves when the transport has room for more, or the connection has ended.
  async drained() {
    if (!this.#socket.writableNeedDrain) return;
    await new Promise((resolve) => { this.#drains.push(resolve); });
  }

  // Resolves when everything that has arrived so far has been taken. Between two turns of the
  // event loop lies one look at the transport; the first turn ends the one that is going on.
  async caughtUp() {
    await turn();
    for (let before = -1; before !== this.#socket.bytesRead;) {
      before = this.#socket.bytesRead;
      await turn();
    }
  }

  // Lets what has been sent go out, then closes; replies that have not come are lost.
  close() {
    this.#finish(new HjpError('lost', '', 'closed by this side'), () => {
      this.#socket.destroySoon();
      setTimeout(() => this.#socket.destroy(), CLOSE_MS).unref();
    });
    return this.ended;
  }

  #transmit(request, more, payload, members = {}) {
    const first = request.id === 0;
    const id = first ? this.#lastId + 1 : request.id; // HJP-MSG-1
    let frame;
    try {
      this.#mayBeSent(request, more, members);
      const text = JSON.stringify({ id, op: request.op, ...(more && { more }), ...members });
      frame = encode(text, payload, this.maxPayload);
    } catch (fault) {
      const { code, message, details } = fault;
      const error = fault instanceof ProtocolError
        ? new HjpError('unsent', code, message, details) : fault;
      if (!first) throw error;
      this.#open = null;
      return request.settle(error);
    }
    if (first) {
      request.id = this.#lastId = id;
      this.#requests.set(id, request);
      // In force from the reply on, and no other frame can come before that.
      if (members.limits && request.op === 'hello') {
        this.#decoder.maxPayload = members.limits.max_payload ?? DEFAULT_MAX_PAYLOAD;
      }
    }
    this.#open = more ? request : null;
    this.#socket.write(frame);
    return this.drained();
  }

  // HJP-FRM-19, and what a server would answer with an error for its members' sake.
  #mayBeSent({ id, op }, more, { token, features = [], limits = {}, timeout_ms = 1, ...others }) {
    const hello = op === 'hello';
    const rules = [
      ['bad_frame', 'op', typeof op === 'string'],
      ['bad_frame', 'member', !['id', 'op', 'ok', 'more'].some((name) => name in others)],
      ['bad_frame', 'hello is late', !hello || this.#lastId === 0], // HJP-LIF-3
      ['bad_request', 'timeout_ms', id > 0 || within(timeout_ms, 1)], // HJP-MET-17
      ['bad_request', 'more', !hello || !more], // HJP-COR-7
      ['bad_request', 'token', !hello || ['string', 'undefined'].includes(typeof token)],
      ['bad_request', 'features', !hello || features?.length === 0], // mux is not spoken here
      ['bad_request', 'limits', !hello || areLimits(limits)],
    ];
    for (const [code, why, right] of rules) if (!right) throw new ProtocolError(code, why);
  }

  #read(octets) {
    if (this.#error) return;
    this.#decoder.push(octets);
    try {
      for (let frame; !this.#error && (frame = this.#decoder.next());) this.#act(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#finish(new HjpError('refused', error.code, error.message, error.details));
    }
  }

  // What a client checks, in the order of Precedence (HJP-ERR-15), before the payload has come.
  #check(members) {
    const [ok, more, error] = ['ok', 'more', 'error'].map((name) => members.get(name));
    const id = integer(members.get('id'));
    const fields = error?.type === 'object' ? error.value : new Map();
    const fails = ok?.value === false;
    const rules = [
      ['bad_id', 'id', id === 0 || this.#requests.has(id)], // HJP-MSG-26
      ['bad_frame', 'ok', ok?.type === 'boolean'], // HJP-MSG-25
      ['bad_frame', 'op', !members.has('op')],
      ['bad_frame', 'more', !more || more.type === 'boolean'],
      ['bad_frame', 'code', !fails || fields.get('code')?.type === 'string'], // HJP-MSG-28
      ['bad_frame', 'an error with more', !fails || !more?.value],
      ['bad_frame', 'id 0', id !== 0 || (fails && fields.get('fatal')?.value === true)],
    ]; // the last one is HJP-MSG-27
    for (const [code, why, right] of rules) if (!right) throw new ProtocolError(code, why);
    const stated = integer(members.get('limits')?.value?.get?.('max_payload'));
    return { id, fails, more: more?.value ?? false, stated };
  }

  #act({ checked: { id, fails, more, stated }, json, payload }) {
    const members = JSON.parse(json);
    const request = this.#requests.get(id);
    if (more) return request.interim({ members, payload });
    const error = fails ? failure(id === 0 ? 'fatal' : 'error', members.error) : null;
    if (id === 0) return this.#finish(error);
    // HJP-LIM-1; a limit out of its range is mistyped, and states nothing.
    if (request.op === 'hello' && !fails && isMaxPayload(stated)) this.maxPayload = stated;
    this.#requests.delete(id);
    if (this.#open === request) request.end(); // HJP-MSG-23
    request.settle(error, { members, payload });
  }

  #drained() {
    for (const resolve of this.#drains.splice(0)) resolve();
  }

  // Nothing is sent or taken any more (HJP-ERR-14).
  #finish(error, close = () => this.#socket.destroy()) {
    if (this.#error) return;
    this.#error = error;
    close();
    this.#open?.settle(error); // it may have no id yet
    for (const request of this.#requests.values()) request.settle(error);
    this.#requests.clear();
    this.#drained();
  }
}

// A code that is not known counts as `internal` (HJP-ERR-7); `details` has it as it came.
function failure(kind, error) {
  const code = CODES.has(error.code) ? error.code : 'internal';
  return new HjpError(kind, code, String(error.message ?? error.code), error);
}
