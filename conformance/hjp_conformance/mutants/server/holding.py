"""A connection that keeps its frames until the input has run dry."""

import asyncio
from typing import TypeAlias

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.metadata import Object

Held: TypeAlias = list[tuple[Object, bytes]]


class Holding(Connection):
    """Sends what it owes before it waits for input, and not sooner."""

    most = 64

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self.held: Held = []

    async def send(self, message: Object, payload: bytes = b"") -> None:
        self.held.append((message, payload))
        if len(self.held) >= self.most:
            await self.release()

    async def fill(self, until: float, idle: bool = False) -> None:
        await self.release()
        await super().fill(until, idle)

    async def shut_down(self) -> None:
        await self.release()
        await super().shut_down()

    def arrange(self, held: Held) -> Held:
        return held

    async def release(self) -> None:
        held, self.held = self.held, []
        if held:
            await self.send_all(self.arrange(held))

    async def send_all(self, held: Held) -> None:
        for message, payload in held:
            await super().send(message, payload)
