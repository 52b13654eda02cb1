"""The octets of one connection: it goes on reading while it writes."""

import os
import select
import socket


class Lost(Exception):
    """The connection ended where more had to come (HJP-LIF-10)."""


class Link:
    """Reads and writes octets; what they mean is said in `digest`."""

    chunk = 65_536
    lines_fd = 0

    def __init__(self, url: str) -> None:
        self.url = url
        self.buffer = bytearray()
        self.typed = bytearray()
        self.writable = True

    # Beginning and end

    def connect(self) -> None:
        host, _, port = self.url.removeprefix("hjp://").rstrip("/").partition(":")
        self.socket = self.make_socket()
        try:
            self.socket.connect((host, int(port)))
        except OSError as error:
            raise Lost from error
        # Small frames must not wait for the acknowledgement of the one before.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def make_socket(self) -> socket.socket:
        return socket.socket()

    def close(self) -> None:
        self.socket.close()

    # Reading

    def wait(self, output: bool = False, lines: bool = False) -> list[bool]:
        """Wait for input, room for output, or lines; say which there is."""
        readers = [self.socket.fileno()] + ([self.lines_fd] if lines else [])
        writers = [self.socket.fileno()] if output else []
        readable, writable, _ = select.select(readers, writers, [])
        return [readers[0] in readable, bool(writable), self.lines_fd in readable]

    def fill(self) -> None:
        """Take what one read brings, and act on it."""
        self.wait()
        octets = self.receive()
        if not octets:
            self.input_ended()
        self.buffer += octets
        self.digest()

    def receive(self) -> bytes:
        try:
            return self.socket.recv(self.chunk)
        except BlockingIOError:
            return self.receive_later()
        except OSError as error:
            return self.broken(error)

    def receive_later(self) -> bytes:
        self.wait()
        return self.receive()

    def broken(self, error: OSError) -> bytes:
        raise Lost from error

    def input_ended(self) -> None:
        raise Lost

    def digest(self) -> None:
        """Act on what the buffer holds."""

    def select_input(self, seconds: float = 0) -> bool:
        return bool(select.select([self.socket], [], [], seconds)[0])

    def catch_up(self) -> None:
        """Act on everything that has arrived (HJP-ERR-14)."""
        while self.select_input():
            self.fill()

    # Writing

    def send(self, octets: bytes) -> None:
        """Write everything, and read meanwhile (HJP-LIF-4)."""
        rest = memoryview(octets)
        while rest and self.writable:
            readable, writable, _ = self.wait(output=True)
            if readable:
                self.fill()
            if writable:
                rest = rest[self.put(rest[: self.chunk]) :]

    def put(self, octets: memoryview) -> int:
        try:
            return self.socket.send(octets)
        except BlockingIOError:
            return 0
        except OSError:
            # Why it broke may lie unread, as a fatal error: reading will tell.
            self.writable = False
            return 0

    # Lines of standard input

    def next_line(self) -> bytes:
        """The next line, while the connection is looked after."""
        while b"\n" not in self.typed:
            readable, _, line = self.wait(lines=True)
            if readable:
                self.fill()
            if line:
                self.read_lines()
        line_octets, _, self.typed = self.typed.partition(b"\n")
        return bytes(line_octets)

    def read_lines(self) -> None:
        octets = os.read(self.lines_fd, 65_536)
        if not octets and not self.typed:
            raise Lost  # nobody waits for this client any more
        self.typed += octets or b"\n"
