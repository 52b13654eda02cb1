// What hjp-fuzz fuzzes: a line of JSON in, a line of JSON out, for as long as lines come.
//
//     echo '{"cmd":"decode","chunks":["484a50ff01"]}' | node fuzz_testee.mjs
//
// The text "testee" of the specification says all that a line can hold.

class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// ---- YOUR PARSER HERE: this one believes most of what it reads. ------------------------------

class Parser {
  waiting = Buffer.alloc(0); // octets that are not yet a whole frame

  // Takes some octets and yields each frame that they complete; throws Refused.
  * feed(chunk) {
    this.waiting = Buffer.concat([this.waiting, chunk]);
    while (this.waiting.length >= 5) { // which tell a stranger
      if (this.waiting.toString('latin1', 0, 4) !== 'HJP\xff') throw new Refused('bad_magic');
      if (this.waiting.length < 16) return;
      const size = this.waiting.readUInt32LE(8);
      const end = 16 + size + this.waiting.readUInt32LE(12);
      if (this.waiting.length < end) return;
      const text = this.waiting.toString('utf8', 16, 16 + size);
      try {
        JSON.parse(text);
      } catch {
        throw new Refused('bad_json');
      }
      yield { text, payload: this.waiting.subarray(16 + size, end), size: end };
      this.waiting = this.waiting.subarray(end);
    }
  }

  // The input has ended: whether that is between two frames.
  close() {
    return this.waiting.length === 0;
  }
}

// ---- End of your parser. What follows speaks with the fuzzer. --------------------------------

function decode({ chunks }) {
  const parser = new Parser();
  const frames = [];
  let consumed = 0;
  const told = (status) => ({ ...status, frames, consumed });
  try {
    for (const chunk of chunks) {
      for (const { text, payload, size } of parser.feed(Buffer.from(chunk, 'hex'))) {
        frames.push({ json: text, payload: payload.toString('hex') });
        consumed += size;
      }
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // which the fuzzer tells as a crash
    return told({ status: 'reject', code: error.code });
  }
  return told({ status: parser.close() ? 'accept' : 'incomplete' });
}

const COMMANDS = {
  describe: () => ({
    status: 'ok',
    testee: 1,
    name: 'my-parser',
    codes: true,
    commands: Object.keys(COMMANDS),
  }),
  decode,
  reset: () => ({ status: 'ok' }), // nothing is kept between two lines
};

function answer(line) {
  let request;
  try {
    request = JSON.parse(line);
    if (!Object.hasOwn(COMMANDS, request.cmd)) throw new Error('cmd is not one of these');
  } catch (error) {
    return { status: 'error', message: error.message };
  }
  return COMMANDS[request.cmd](request);
}

let rest = [];
for await (const chunk of process.stdin) {
  let start = 0;
  for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
    const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString();
    process.stdout.write(`${JSON.stringify(answer(line))}\n`);
    rest = [];
  }
  if (start < chunk.length) rest.push(chunk.subarray(start));
}
