"""A core client: requests, their frames, and the replies to them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from hjp_conformance.mutants.client.link import Lost
from hjp_conformance.mutants.client.receiver import (
    FIRST_MAX_PAYLOAD,
    MAGIC,
    MAX_JSON,
    MAX_UINT32,
    Fatal,
    Frame,
    Receiver,
    Refused,
)
from hjp_conformance.mutants.client.shared import Number, Object, Writer

CODES = frozenset(
    [
        "bad_magic",
        "bad_version",
        "bad_frame",
        "bad_json",
        "bad_id",
        "too_large",
        "timeout",
        "unauthorized",
        "bad_request",
        "going_away",
        "unknown_op",
        "unsupported",
        "internal",
        "cancelled",
        "busy",
        "rate_limited",
        "forbidden",
        "bad_name",
        "not_found",
        "exists",
        "conflict",
        "no_space",
        "offset_mismatch",
        "size_mismatch",
        "digest_mismatch",
        "superseded",
        "changed",
        "exec_failed",
        "cookie_required",
    ]
)


class Unsent(Exception):
    """A frame that would break the protocol was not sent (HJP-FRM-19)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Request:
    """One request: `line` is what is printed once its final reply has come."""

    op: str
    members: Object = field(default_factory=dict)
    id: int = 0
    ended: bool = False
    line: str = ""


class Client(Receiver):
    """Does actions on one connection, and prints a line for each."""

    json_writer: type[Writer] = Writer

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.last_id = 0
        self.sent = 0
        self.send_limit = FIRST_MAX_PAYLOAD
        self.waiting: dict[int, Request] = {}
        self.unprinted: list[Request] = []
        self.all_ok = True

    # The whole life

    def run(self, actions: list[list[str]]) -> int:
        """Do the actions; the result is the exit status."""
        try:
            self.connect()
            self.opened(actions)
            for action in actions:
                self.act(action)
        except Fatal as error:
            self.fatal(error)
        except Refused as error:
            self.refused(error)
        except Lost:
            self.lost()
        self.close()
        return 0 if self.all_ok else 1

    def not_offered(self) -> int:
        """The exit status where an action is none; there is no connection yet."""
        return 127

    def opened(self, actions: list[list[str]]) -> None:
        """Called when the connection is there."""

    def fatal(self, error: Fatal) -> None:
        self.say(f"fatal {error.code}")

    def refused(self, error: Refused) -> None:
        self.say(f"refused {error.code}")

    def lost(self) -> None:
        self.say("lost")

    def say(self, line: str) -> None:
        self.all_ok = self.all_ok and line.startswith("ok")
        print(line, flush=True)

    # Actions

    def act(self, action: list[str]) -> None:
        word, *arguments = action
        getattr(self, f"do_{word}")(*arguments)

    def do_hello(self, limit: str = "") -> None:
        members: Object = {"limits": self.hello_limits(limit)} if limit else {}
        self.ask("hello", members)

    def hello_limits(self, limit: str) -> Object:
        return {"max_payload": Number(str(int(limit)))}  # HJP-MET-17

    def do_ping(self) -> None:
        self.ask("ping", {})

    def do_echo(self, path: str) -> None:
        self.ask("echo", {}, self.read_file(path))

    def do_upper(self, path: str) -> None:
        self.ask("upper", {}, self.read_file(path))

    def read_file(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def ask(self, op: str, members: Object, payload: bytes = b"") -> None:
        self.settle(self.start(op, members, payload))

    def do_ahead(self, count: str, op: str, *path: str) -> None:
        payload = self.read_file(path[0]) if path else b""
        for request in self.start_all(int(count), op, payload):
            self.settle(request)

    def start_all(self, count: int, op: str, payload: bytes) -> list[Request]:
        return [self.start(op, {}, payload) for _ in range(count)]

    def do_call(self, op: str) -> None:
        request = self.begin(op, {})
        for more, payload in self.frame_lines():
            self.call_frame(request, payload, more)
        self.settle(request)

    def frame_lines(self) -> Iterator[tuple[bool, bytes]]:
        word = b"more"
        while word == b"more":
            word, _, digits = self.next_line().partition(b" ")
            yield word == b"more", bytes.fromhex(digits.decode())

    # Requests

    def begin(self, op: str, members: Object) -> Request:
        """A request that nothing has been sent of."""
        request = Request(op, members)
        self.unprinted.append(request)
        return request

    def start(self, op: str, members: Object, payload: bytes = b"") -> Request:
        """Send a request of one frame."""
        request = self.begin(op, members)
        self.send_frame(request, payload, more=False)
        return request

    def settle(self, request: Request) -> None:
        """Wait for the final reply."""
        while request.id in self.waiting:
            self.fill()

    def call_frame(self, request: Request, payload: bytes, more: bool) -> None:
        self.catch_up()
        if request.ended:
            return
        if self.final_came_early(request):
            self.end_request(request)
        else:
            self.send_frame(request, payload, more)

    def final_came_early(self, request: Request) -> bool:
        return bool(request.line)

    def end_request(self, request: Request) -> None:
        """End a request whose final reply is there already (HJP-MSG-23)."""
        request.ended = True
        self.send(self.pack(self.end_message(request), b""))
        self.report()

    def end_message(self, request: Request) -> Object:
        return self.request_message(request, more=False, first=False)

    def send_frame(self, request: Request, payload: bytes, more: bool) -> None:
        self.catch_up()
        first = not request.id
        number = self.next_id() if first else request.id
        try:
            request.id = number
            self.check_sendable(request, payload)
            octets = self.pack(self.request_message(request, more, first), payload)
        except Unsent as error:
            request.id = 0 if first else number
            self.unsent(request, error)
            return
        if first:
            self.note(request)
        request.ended = not more
        self.send(octets)
        self.report()

    def unsent(self, request: Request, error: Unsent) -> None:
        request.line = f"unsent {error.code}"
        if request.id:
            self.end_request(request)
        else:
            request.ended = True
            self.report()

    def next_id(self) -> int:
        return self.last_id + 1  # HJP-MSG-1

    def note(self, request: Request) -> None:
        self.last_id = request.id
        self.sent += 1
        self.waiting[request.id] = request
        if request.op == "hello":
            self.take_limit = self.stated_limit(request)

    def stated_limit(self, request: Request) -> int:
        limits = request.members.get("limits")
        limit = limits.get("max_payload") if isinstance(limits, dict) else None
        return int(limit.text) if isinstance(limit, Number) else FIRST_MAX_PAYLOAD

    # What must not be sent (HJP-FRM-19)

    def check_sendable(self, request: Request, payload: bytes) -> None:
        if request.op == "hello":
            self.check_first(request)
            self.check_hello(request)
        self.check_payload(payload)

    def check_first(self, request: Request) -> None:
        if self.sent:
            raise Unsent("bad_frame")

    def check_hello(self, request: Request) -> None:
        if not FIRST_MAX_PAYLOAD <= self.stated_limit(request) <= MAX_UINT32:
            raise Unsent("bad_request")

    def check_payload(self, payload: bytes) -> None:
        if len(payload) > self.send_limit:  # HJP-LIM-1
            raise Unsent("too_large")

    def check_text(self, text: bytes) -> None:
        if len(text) > MAX_JSON:
            raise Unsent("too_large")

    # The octets of a frame

    def request_message(self, request: Request, more: bool, first: bool) -> Object:
        message: Object = {"id": self.id_value(request), "op": request.op}
        message |= request.members
        if more:
            message["more"] = True
        return message

    def id_value(self, request: Request) -> Number:
        return Number(str(request.id))

    def pack(self, message: Object, payload: bytes) -> bytes:
        text = self.encode(message)
        self.check_text(text)
        return self.frame_octets(self.header(text, payload), text, payload)

    def frame_octets(self, header: bytes, text: bytes, payload: bytes) -> bytes:
        return header + text + payload

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack("<B3xII", 1, len(text), len(payload))

    def encode(self, message: Object) -> bytes:
        try:
            return self.json_writer().write(message).encode()
        except UnicodeEncodeError:
            raise Unsent("bad_json") from None

    # Replies

    def waits_for(self, number: int) -> bool:
        return number in self.waiting

    def accept(self, frame: Frame) -> None:
        if frame.id == 0:
            self.accept_fatal(frame)
        elif not frame.more:
            self.accept_final(frame)

    def accept_fatal(self, frame: Frame) -> None:
        raise Fatal(self.code(frame))

    def accept_final(self, frame: Frame) -> None:
        request = self.waiting.pop(frame.id)
        if request.op == "hello" and frame.message["ok"]:
            self.greeted(frame)
        request.line = request.line or self.line(request, frame)
        self.report()

    def greeted(self, frame: Frame) -> None:
        limits = frame.message.get("limits")
        limit = limits.get("max_payload") if isinstance(limits, dict) else None
        number = self.integer(limit, FIRST_MAX_PAYLOAD, MAX_UINT32)
        self.send_limit = number or FIRST_MAX_PAYLOAD

    def line(self, request: Request, frame: Frame) -> str:
        if not frame.message["ok"]:
            return f"error {self.code(frame)}"
        return f"ok {self.digits(frame.payload)}" if frame.payload else "ok"

    def digits(self, octets: bytes) -> str:
        return octets.hex()

    def code(self, frame: Frame) -> str:
        code = self.code_of(frame.message["error"])
        return code if self.knows(code) else "internal"  # HJP-ERR-7

    def code_of(self, error: object) -> str:
        return str(error["code"]) if isinstance(error, dict) else ""

    def knows(self, code: str) -> bool:
        return code in CODES

    def report(self) -> None:
        """Print what is known, in the order of the requests."""
        while self.unprinted and self.is_over(self.unprinted[0]):
            self.print_line(self.unprinted.pop(0))

    def is_over(self, request: Request) -> bool:
        return bool(request.line) and request.ended

    def print_line(self, request: Request) -> None:
        self.say(request.line)
