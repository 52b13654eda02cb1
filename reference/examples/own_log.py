"""An operation of many frames: lines go to the server, progress comes back."""

from collections.abc import Iterator

import hjp
from hjp import threaded

server = threaded.Server(port=0)


@server.stream("x-log", body=True)
def log(exchange: threaded.Exchange) -> hjp.Answer:
    count = 0
    for request in exchange:
        count += request.payload.count(b"\n")
        if request.more:
            exchange.reply({"lines": count})
    return {"lines": count, "name": exchange.metadata["name"]}, b""


def lines() -> Iterator[bytes]:
    yield b"one\ntwo\n"
    yield b"three\n"


with (
    server,
    hjp.Client(server.urls[0]) as client,
    client.stream("x-log", {"name": "today"}) as stream,
):
    for line in lines():
        stream.send(line)
    stream.send(more=False)
    for reply in stream:
        print(reply.metadata)
