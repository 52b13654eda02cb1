"""A server of HJP/1 on 127.0.0.1.

    python3 server.py 9507

It runs as it is and answers hello, ping, echo and upper, but believes most of what
it reads: the suite tells what is missing.
"""

import json
import socket
import socketserver
import struct
import sys
from contextlib import suppress
from typing import Any

START = b"HJP\xff\x01"  # magic and version
MAX = 65_536  # octets of JSON text, and of payload


class FatalError(Exception):
    """An error after which the connection ends."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "fatal": True, **more}


class Connection(socketserver.StreamRequestHandler):
    """One connection, in a thread of its own."""

    disable_nagle_algorithm = True  # a small frame is sent at once

    def handle(self) -> None:
        """Read a frame, answer it, until the input ends."""
        with suppress(OSError, EOFError):
            try:
                while True:
                    metadata, payload = self.read_frame()
                    self.write_frame(*operate(metadata, payload))
            except FatalError as fatal:
                self.write_frame({"id": 0, "ok": False, "error": fatal.error}, b"")
                self.leave()

    # ---- YOUR FRAMES HERE ----------------------------------------------------------

    def read_frame(self) -> tuple[dict[str, Any], bytes]:
        """Read one frame: its metadata and its payload.

        Raises:
            FatalError: it is not acceptable.
            EOFError: the input has ended.
        """
        if self.read(5) != START:  # five octets tell a stranger
            raise FatalError("bad_magic", "this is a server of HJP/1")
        size, rest = struct.unpack("<3xII", self.read(11))
        # A length is only a claim: compare it before waiting for so many octets.
        if size > MAX:
            raise FatalError("too_large", "the JSON is too long", limit="max_json")
        if rest > MAX:
            raise FatalError("too_large", "too much payload", limit="max_payload")
        try:
            metadata = json.loads(self.read(size))
        except (ValueError, RecursionError) as error:
            raise FatalError("bad_json", str(error)) from None
        if not isinstance(metadata, dict):
            raise FatalError("bad_json", "metadata is a JSON object")
        return metadata, self.read(rest)

    def write_frame(self, metadata: dict[str, Any], payload: bytes) -> None:
        """Write one frame."""
        text = json.dumps(metadata).encode()
        header = struct.pack("<5s3xII", START, len(text), len(payload))
        self.wfile.write(header + text + payload)

    def read(self, size: int) -> bytes:
        """Read just so many octets, however they arrive."""
        octets = self.rfile.read(size)
        if len(octets) < size:
            raise EOFError
        return octets

    def leave(self) -> None:
        """Say that nothing follows, then drop what still comes.

        To close while octets lie unread would be a reset, which can reach the client
        before the error does.
        """
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(2)
        while self.connection.recv(MAX):
            pass


# ---- YOUR OPERATIONS HERE ----------------------------------------------------------


def operate(metadata: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    """Carry out a request: the metadata and the payload of its reply."""
    reply: dict[str, Any] = {"id": metadata.get("id"), "ok": True}
    match metadata.get("op"):
        case "hello":
            limits = {"max_payload": MAX}
            own = {"features": [], "limits": limits, "server": "my-server 0.1"}
            return reply | own, b""
        case "ping":
            return reply, b""
        case "echo":
            data = {"data": metadata["data"]} if "data" in metadata else {}
            return reply | data, payload
        case "upper":
            return reply, payload.upper()
    error = {"code": "unknown_op", "message": "there is no such operation here"}
    return reply | {"ok": False, "error": error}, b""


class Server(socketserver.ThreadingTCPServer):
    """A thread a connection."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    """Listen on the port given (0: any free one), say so, and serve."""
    with Server(("127.0.0.1", int(sys.argv[1])), Connection) as server:
        print(f"ready hjp://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
