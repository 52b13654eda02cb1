"""A server of files, resume and delete in which every decision is a small method.

Written from the text, apart from the reference; it keeps everything in memory.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any, ClassVar

from hjp_conformance.mutants.server.core import MAX_ID, Connection, Operation, Row
from hjp_conformance.mutants.server.depot import Depot, Put, Thing, Upload
from hjp_conformance.mutants.server.metadata import Number, Object, Value
from hjp_conformance.mutants.server.object_names import ObjectNames
from hjp_conformance.mutants.server.transport import Failed, Frame

HEX = re.compile(r"[0-9a-f]*")


def digest(octets: bytes | bytearray) -> str:
    """As HJP writes it."""
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


class Files(ObjectNames, Connection):
    """A connection to a server that keeps objects."""

    depot: ClassVar[Depot] = Depot()
    name = "plain files"
    max_object = 4_000_000
    piece = 65_536

    put: Put | None = None

    def features(self) -> list[Value]:
        return ["files", "resume", "delete"]

    def hello_members(self, frame: Frame) -> Object:
        members = super().hello_members(frame)
        limits = {"max_payload": self.max_payload, **self.limits()}
        return {**members, "features": self.features(), "limits": limits}

    def limits(self) -> Object:
        return {"max_object": self.max_object}

    def operations(self) -> dict[str, Operation]:
        own: dict[str, Operation] = {
            "put": self.do_ping,
            "get": self.do_ping,
            "stat": self.do_stat,
            "list": self.do_list,
            "delete": self.do_delete,
        }
        return super().operations() | own

    # Members

    def check_body(self, frame: Frame) -> None:
        if frame.op != "put":
            super().check_body(frame)

    def check_members(self, frame: Frame) -> None:
        super().check_members(frame)
        for check in self.member_rows().get(frame.op, []):
            check(frame)

    def member_rows(self) -> dict[str, list[Row]]:
        return {
            "put": [
                self.check_name,
                self.check_size,
                self.check_digest,
                self.truth("overwrite"),
                self.check_upload,
            ],
            "get": [
                self.check_name,
                self.whole("offset"),
                self.whole("length"),
                self.truth("digest"),
                self.text("if_tag"),
            ],
            "stat": [self.check_name, self.truth("digest")],
            "list": [self.text("after"), self.whole("limit", 1)],
            "delete": [self.check_name, self.text("if_tag")],
        }

    def text(self, name: str) -> Row:
        return lambda frame: self.typed(
            frame, name, isinstance(frame.message.get(name), str)
        )

    def truth(self, name: str) -> Row:
        return lambda frame: self.typed(
            frame, name, isinstance(frame.message.get(name), bool)
        )

    def whole(self, name: str, low: int = 0) -> Row:
        return lambda frame: self.typed(
            frame, name, self.integer(frame.message.get(name), low, MAX_ID) is not None
        )

    def typed(self, frame: Frame, name: str, is_right: bool) -> None:
        if name in frame.message and not is_right:
            raise Failed("bad_request", f"{name} is mistyped")

    def check_name(self, frame: Frame) -> None:
        name = frame.message.get("name")
        if not isinstance(name, str):
            raise Failed("bad_request", "name is missing or mistyped")
        if any(row(name) for row in self.name_rows()):
            raise Failed("bad_name", "that is no name")

    def check_size(self, frame: Frame) -> None:
        self.whole("size")(frame)
        size = self.number(frame, "size")
        if size is not None and self.is_too_large(size):
            raise self.too_large()

    def is_too_large(self, octets: int) -> bool:
        return octets > self.max_object

    def too_large(self) -> Failed:
        return Failed("too_large", "too many octets", limit="max_object")

    def check_digest(self, frame: Frame) -> None:
        self.text("digest")(frame)
        if "digest" in frame.message:
            self.check_digest_value(str(frame.message["digest"]))

    def check_digest_value(self, told: str) -> None:
        algorithm, colon, digits = told.partition(":")
        if not colon:
            raise Failed("bad_request", "a digest has a colon")
        if algorithm != "sha-256":
            raise Failed("unsupported", "only sha-256 is offered")
        if len(digits) != 64 or not HEX.fullmatch(digits):
            raise Failed("bad_request", "sha-256 has 64 small digits")

    def check_upload(self, frame: Frame) -> None:
        token = frame.message.get("upload", "")
        if "upload" not in frame.message:
            return
        if not isinstance(token, str) or not self.is_token(token):
            raise Failed("bad_request", "upload is not 32 of 0-9 and a-f")
        if frame.payload_length:
            raise Failed("bad_request", "the first frame of an upload has no payload")
        if not frame.more:
            raise Failed("bad_request", "the first frame of an upload has more")

    def is_token(self, token: str) -> bool:
        return len(token) == 32 and HEX.fullmatch(token) is not None

    def number(self, frame: Frame, name: str) -> int | None:
        value = frame.message.get(name)
        return int(value.value) if isinstance(value, Number) else None

    # put

    async def answer(self, frame: Frame) -> None:
        if frame.op not in ("put", "get") or frame.op not in self.operations():
            await super().answer(frame)
            return
        try:
            for check in self.request_rows():
                check(frame)
            await (self.begin_put(frame) if frame.op == "put" else self.do_get(frame))
        except Failed as error:
            await self.fail(frame, error)
        self.done_id = self.answered_id = frame.id
        await self.skip_payload(frame)

    async def fail(self, frame: Frame, error: Failed) -> None:
        put, self.put = self.put, None
        if put is not None:
            self.leave(put, str(error.body["code"]))
        await super().fail(frame, error)

    async def begin_put(self, frame: Frame) -> None:
        told = frame.message
        self.put = put = Put(
            frame.id,
            str(told["name"]),
            self.number(frame, "size"),
            str(told["digest"]) if "digest" in told else None,
            told.get("overwrite") is True,
        )
        self.depot.puts.append(put)
        if "upload" in told:
            await self.begin_upload(frame, put, str(told["upload"]))
        else:
            self.check_early(put)
            await self.feed(frame, put)

    def check_early(self, put: Put) -> None:
        """A server may look for an object of the name at once (HJP-PUT-9)."""

    async def begin_upload(self, frame: Frame, put: Put, token: str) -> None:
        terms = self.terms(put)
        upload = self.depot.uploads.get(token)
        if upload is None:
            upload = self.depot.uploads[token] = Upload(terms)
        elif upload.terms != terms:
            raise Failed("conflict", "this upload has begun with other members")
        if upload.result is not None:
            self.put = None
            self.depot.puts.remove(put)
            await self.send(self.reply_message(frame, self.stored(upload)))
            return
        put.upload, put.token = upload, token
        upload.user, put.octets = self.claimant(upload, put), self.stage_of(upload)
        put.offset = self.told_offset(put)
        await self.send(
            {
                **self.reply_message(frame, {"offset": put.offset}),
                "more": True,
            }
        )

    def terms(self, put: Put) -> tuple[Any, ...]:
        return put.name, put.size, put.digest, put.overwrite

    def stored(self, upload: Upload) -> Object:
        assert upload.result is not None, "it was asked for"
        return upload.result

    def claimant(self, upload: Upload, put: Put) -> Any:
        return put

    def stage_of(self, upload: Upload) -> bytearray:
        return upload.octets

    def told_offset(self, put: Put) -> int:
        return len(put.octets)

    async def drop(self, frame: Frame) -> None:
        put = self.put
        if put is None:
            await super().drop(frame)
            return
        put.frames += 1
        try:
            self.check_user(put)
            if put.upload is not None and put.frames == 2:
                self.check_offset(frame, put)
            await self.feed(frame, put)
        except Failed as error:
            await self.fail(frame, error)
        await self.skip_payload(frame)

    def check_user(self, put: Put) -> None:
        if put.upload is not None and put.upload.user is not put:
            raise Failed("superseded", "a later request has this upload")

    def check_offset(self, frame: Frame, put: Put) -> None:
        offset = self.integer(frame.message.get("offset"), 0, MAX_ID)
        if offset is None:
            raise Failed("bad_request", "offset is missing or mistyped")
        if offset != put.offset:
            right = put.offset
            raise Failed(
                "offset_mismatch", "that is not where it stopped", offset=right
            )

    async def feed(self, frame: Frame, put: Put) -> None:
        """Take one frame's octets; after the last one the put is checked and done."""
        await self.read_payload(frame)
        self.check_user(put)
        put.octets += self.taken(frame, put)
        self.check_length(put)
        if frame.more:
            return
        members = self.finish(frame, put)
        self.put = None
        if put.upload is not None:
            self.keep_result(put.upload, members)
        self.depot.puts.remove(put)
        await self.send(self.reply_message(frame, members))

    def taken(self, frame: Frame, put: Put) -> bytes:
        return frame.payload

    def check_length(self, put: Put) -> None:
        if put.size is not None and len(put.octets) > put.size:
            raise Failed("size_mismatch", "more octets than size")
        if self.is_too_large(len(put.octets)):
            raise self.too_large()

    def finish(self, frame: Frame, put: Put) -> Object:
        size, told = self.stated(frame, put)
        for check in self.final_rows(size, told):
            check(put)
        self.commit(put)
        return self.put_members(put, told)

    def final_rows(
        self, size: int | None, told: str | None
    ) -> list[Callable[[Put], None]]:
        return [
            lambda put: self.check_final_size(put, size),
            lambda put: self.check_final_digest(put, told),
            self.check_exists,
        ]

    def stated(self, frame: Frame, put: Put) -> tuple[int | None, str | None]:
        """The size and the digest of first and last frame, which have to agree."""
        self.check_size(frame)
        self.check_digest(frame)
        size, told = self.number(frame, "size"), frame.message.get("digest")
        if put.size is not None and size not in (None, put.size):
            raise Failed("bad_request", "another size")
        if put.digest is not None and told not in (None, put.digest):
            raise Failed("bad_request", "another digest")
        return (put.size if size is None else size), put.digest or (
            told and str(told)
        ) or None

    def check_final_size(self, put: Put, size: int | None) -> None:
        if size is not None and len(put.octets) != size:
            raise Failed("size_mismatch", "another number of octets")

    def check_final_digest(self, put: Put, told: str | None) -> None:
        if told is not None and digest(put.octets) != told:
            raise Failed("digest_mismatch", "other octets")

    def check_exists(self, put: Put) -> None:
        if put.name in self.depot.things and not put.overwrite:
            raise Failed("exists", "there is an object of this name")

    def commit(self, put: Put) -> None:
        self.depot.things[put.name] = Thing(bytes(put.octets))

    def put_members(self, put: Put, told: str | None) -> Object:
        members: Object = {"size": len(put.octets)}
        return members if told is None else {**members, "digest": told}

    def keep_result(self, upload: Upload, members: Object) -> None:
        upload.result = members

    def leave(self, put: Put, code: str | None) -> None:
        """A put that is not committed; without a code it was interrupted."""
        if put in self.depot.puts:
            self.depot.puts.remove(put)
        upload = put.upload
        if upload is not None and upload.user is put:
            upload.user = None
            if self.discards(code):
                self.depot.uploads.pop(put.token, None)

    def discards(self, code: str | None) -> bool:
        return code in ("size_mismatch", "digest_mismatch", "too_large")

    async def close(self) -> None:
        if self.put is not None:
            self.leave(self.put, None)
        await super().close()

    # get

    async def do_get(self, frame: Frame) -> None:
        thing = self.found(frame)
        self.check_tag(frame, thing)
        begin = self.first_offset(frame)
        self.check_begin(thing, begin)
        end = self.end_of(frame, thing, begin)
        octets, members = b"", self.get_members(thing)
        sums = bytearray()
        while True:
            octets = self.slice(frame, thing, begin, min(begin + self.most(), end))
            sums += octets
            begin += len(octets)
            if begin >= end or not octets:
                break
            await self.send(
                {**self.reply_message(frame, members), "more": True}, octets
            )
            members = self.later_members(members)
        if frame.message.get("digest") is True:
            members = {**members, "digest": self.range_digest(thing, bytes(sums))}
        await self.send(self.reply_message(frame, members), octets)

    def first_offset(self, frame: Frame) -> int:
        return self.number(frame, "offset") or 0

    def most(self) -> int:
        return min(self.piece, self.reply_limit())

    def found(self, frame: Frame) -> Thing:
        thing = self.depot.things.get(str(frame.message["name"]))
        if thing is None:
            raise Failed("not_found", "there is no object of this name")
        return thing

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        if "if_tag" in frame.message and frame.message["if_tag"] != thing.tag:
            raise Failed("changed", "it has another tag")

    def check_begin(self, thing: Thing, begin: int) -> None:
        if begin > len(thing.octets):
            size = len(thing.octets)
            raise Failed("offset_mismatch", "the object is shorter", offset=size)

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        length = self.number(frame, "length")
        size = len(thing.octets)
        return size if length is None else min(size, begin + length)

    def get_members(self, thing: Thing) -> Object:
        return {"size": len(thing.octets), "tag": thing.tag}

    def later_members(self, members: Object) -> Object:
        return {}

    def slice(self, frame: Frame, thing: Thing, begin: int, end: int) -> bytes:
        return thing.octets[begin:end]

    def range_digest(self, thing: Thing, octets: bytes) -> str:
        return digest(octets)

    # stat, list, delete

    def do_stat(self, frame: Frame) -> tuple[Object, bytes]:
        thing = self.found(frame)
        members = self.stat_members(thing)
        if frame.message.get("digest") is True:
            members["digest"] = self.stat_digest(thing)
        return members, b""

    def stat_members(self, thing: Thing) -> Object:
        return self.get_members(thing)

    def stat_digest(self, thing: Thing) -> str:
        return digest(thing.octets)

    def do_list(self, frame: Frame) -> tuple[Object, bytes]:
        after = frame.message.get("after", "")
        names = self.behind(self.ordered(self.visible()), str(after))
        count = self.count(frame, names)
        entries: list[Value] = [self.entry(name) for name in names[:count]]
        return {"entries": entries, **self.next_of(names, count)}, b""

    def visible(self) -> list[str]:
        return list(self.depot.things)

    def ordered(self, names: list[str]) -> list[str]:
        return sorted(names, key=str.encode)

    def behind(self, names: list[str], after: str) -> list[str]:
        return [name for name in names if name.encode() > after.encode()]

    def count(self, frame: Frame, names: list[str]) -> int:
        """How many entries fit, as long as no name has more than 255 octets."""
        limit = self.number(frame, "limit")
        return min(len(names), 60, 60 if limit is None else limit)

    def entry(self, name: str) -> Object:
        return {"name": name, "size": self.entry_size(name)}

    def entry_size(self, name: str) -> int:
        return len(self.depot.things[name].octets)

    def next_of(self, names: list[str], count: int) -> Object:
        return {"next": names[count - 1]} if count < len(names) else {}

    def do_delete(self, frame: Frame) -> tuple[Object, bytes]:
        self.check_tag(frame, self.found(frame))
        self.remove(frame)
        return {}, b""

    def remove(self, frame: Frame) -> None:
        del self.depot.things[str(frame.message["name"])]
