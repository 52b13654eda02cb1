// The client as a testee: HJP_URL says where the server is, the arguments say what to do.
import { readFileSync } from 'node:fs';
import { connect, HjpError } from './client.mjs';

const DIGITS = /^[0-9]+$/;
const LINE = /^(more|last) ?((?:[0-9A-Fa-f]{2})*)$/;

// The tables map the name of an action and the number of its arguments to a function that takes
// these and returns what is done with the client, or nothing if that is not offered.
const AHEAD = { // returns the promise of a final reply
  'ping/0': () => (client) => client.ping(),
  'echo/1': (file) => withFile(file, (client, payload) => client.echo(payload)),
  'upper/1': (file) => withFile(file, (client, payload) => client.upper(payload)),
};
const SINGLE = { // likewise
  ...AHEAD,
  'hello/0': () => (client) => client.hello(),
  'hello/1': (max) => DIGITS.test(max) && ((client) => client.hello({ maxPayload: Number(max) })),
};
const OTHER = { // prints its lines itself, and resolves when the next action may begin
  'call/1': (op) => op.startsWith('x-') && ((client) => call(client, op)),
  'ahead/2': ahead,
  'ahead/3': ahead,
};

const look = (table, [name, ...values]) => table[`${name}/${values.length}`]?.(...values);

function parse(action) {
  const send = look(SINGLE, action);
  return send ? (client) => print(send(client)) : look(OTHER, action);
}

function withFile(file, send) {
  const payload = readFileSync(file);
  return (client) => send(client, payload);
}

function ahead(count, ...action) {
  const send = DIGITS.test(count) && look(AHEAD, action);
  return send && (async (client) => {
    let printed = Promise.resolve();
    for (let i = 0; i < Number(count) && !left; i++) {
      await client.drained(); // replies are read and printed meanwhile
      const reply = send(client);
      printed = printed.then(() => print(reply));
    }
    return printed;
  });
}

async function call(client, op) {
  const request = client.open(op);
  const printed = print(request.reply);
  for (let kind, hex; kind !== 'last';) {
    const { value: line, done } = await lines.next();
    if (done) return leave(); // nobody waits for us any more
    [, kind, hex] = LINE.exec(line);
    await client.caughtUp(); // HJP-TST-14
    try { // after an early final reply these do nothing: the client has ended the request
      await request[kind === 'last' ? 'end' : 'send'](Buffer.from(hex, 'hex'));
    } catch (error) { // half a request is out, and neither its rest nor a false end may follow
      tell(error);
      return leave();
    }
  }
  return printed;
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

// ---------------------------------------------------------------- output

let status = 0;
let left = false;

function say(...words) {
  if (left) return;
  if (words[0] !== 'ok') status = 1; // HJP-TST-10
  process.stdout.write(`${words.join(' ').trim()}\n`);
}

function tell(error) {
  if (!(error instanceof HjpError)) throw error;
  say(error.kind, error.code);
}

async function print(reply) {
  try {
    say('ok', Buffer.from((await reply).payload).toString('hex'));
  } catch (error) {
    tell(error);
    if (!['error', 'unsent'].includes(error.kind)) await leave();
  }
}

// Exits when all lines are out. It never resolves, so nothing is done after it.
function leave() {
  left = true;
  process.stdout.write('', () => process.exit(status));
  return new Promise(() => {});
}

const actions = [[]];
for (const argument of process.argv.slice(2)) {
  if (argument === '+') actions.push([]); else actions.at(-1).push(argument);
}
const steps = actions.map(parse);
if (!steps.every(Boolean)) process.exit(127); // HJP-TST-7
let client;
try {
  client = await connect(process.env.HJP_URL);
} catch (error) {
  tell(error);
  await leave();
}
for (const step of steps) { // HJP-TST-8
  await client.caughtUp(); // a fatal error may have come since (HJP-ERR-14)
  await step(client);
}
await client.close();
await leave();
