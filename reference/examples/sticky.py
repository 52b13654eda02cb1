"""Sticky packets, shown and cured on this machine's loopback."""

import socket
import struct
import threading

MESSAGES = [b"first", b"second", b"x" * 10_000]
HEADER = struct.Struct("<4sB3xII")  # magic, version, reserved, json and payload length


def show(what: str, data: bytes) -> None:
    text = repr(data) if len(data) < 20 else f"{len(data):,} times {data[:1]!r}"
    print(f"    {what} {text}")


def send_read(sender: socket.socket, receiver: socket.socket, *data: bytes) -> None:
    for message in data:
        show("send(...)      ", message)
        sender.sendall(message)
    left, reads = sum(map(len, data)), 0
    while len(receiver.recv(left, socket.MSG_PEEK)) < left:
        pass  # only looks, takes nothing out, until all has arrived
    while left:
        show("recv(4096) gave", piece := receiver.recv(4096))
        left, reads = left - len(piece), reads + 1
    print(f"    -> sends: {len(data)}, reads: {reads}. Where does a message end?\n")


def frame(number: int, payload: bytes) -> bytes:
    text = b'{"id":%d,"op":"echo"}' % number
    return HEADER.pack(b"HJP\xff", 1, len(text), len(payload)) + text + payload


def send_in_pieces(sender: socket.socket, data: bytes, size: int) -> None:
    for start in range(0, len(data), size):
        sender.sendall(data[start : start + size])


def read_exactly(receiver: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:  # this is the whole cure
        piece = receiver.recv(count - len(data))
        if not piece:
            raise EOFError("the stream ended inside a frame")
        data += piece
    return data


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = socket.create_connection(listener.getsockname())
        receiver, _ = listener.accept()
    with sender, receiver:
        print("1. The problem: TCP carries octets and knows no messages.\n")
        send_read(sender, receiver, *MESSAGES[:2])
        send_read(sender, receiver, MESSAGES[2])
        print("2. The cure: a frame says first how long it is; then read exactly that.")
        stream = b"".join(frame(n, message) for n, message in enumerate(MESSAGES, 1))
        for size in (1, 1000, len(stream)):
            print(f"\n    {len(stream):,} octets of frames, {size:,} in each send:")
            job = threading.Thread(target=send_in_pieces, args=(sender, stream, size))
            job.start()
            for _ in MESSAGES:  # a server checks what it reads: see core_server.py
                *_, length, rest = HEADER.unpack(read_exactly(receiver, HEADER.size))
                text = read_exactly(receiver, length).decode()
                show(f"frame {text} with payload", read_exactly(receiver, rest))
            job.join()
        print("\n    -> The same three messages, wherever the stream was cut.")


if __name__ == "__main__":
    main()
