"""An operation of one's own: the server offers ``x-reverse``, a client asks for it."""

import asyncio

import hjp

server = hjp.Server(port=0)


@server.op("x-reverse")
async def reverse(metadata: dict[str, object], payload: bytes) -> hjp.Answer:
    return {"length": len(payload)}, payload[::-1]


async def main() -> None:
    async with server, hjp.AsyncClient(server.urls[0]) as client:
        reply = await client.request("x-reverse", {}, b"!olleh")
        print(reply.metadata["length"], reply.payload.decode())


asyncio.run(main())
