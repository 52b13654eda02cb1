"""Reports written by hand, for the tests of everything that is made of a report."""

import copy
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hjp_conformance.reports import write
from hjp_conformance.reports.shape import (
    FORMAT,
    CaseReport,
    Conversation,
    Report,
    RequirementReport,
    RunReport,
    Step,
)
from hjp_spec.oracle import raw_frame
from hjp_spec.requirements import REQUIREMENTS

VERDICTS = ("pass", "fail", "crash", "warn", "inconclusive", "skip", "known", "harness")
AREAS = {
    "FRM": "Frame",
    "MET": "Metadata",
    "MSG": "Messages",
    "ERR": "Errors",
    "LIM": "Limits",
    "LIF": "Lifecycle",
    "COR": "Operations",
    "PRV": "Private names",
    "TST": "Testee",
}
ARGUMENTS = {
    "server": "server --cmd './srv {port}'",
    "client": "client --cmd './cli'",
    "codec": "codec --cmd './shim'",
}
HOSTILE = (
    "\x1b[2J<script>alert(1)</script> <img src=x onerror=alert(2)> & \"q\" 'a' "
    "| **b** `c` [d](javascript:alert(3)) @root #1 http://x.test www.x.test "
    "</pre></details></script>\u202eevil\u2028\n# not a heading\n```\n~~~\r\n- x"
)
"""What a target may say to break the page or the terminal that shows it."""

PING = raw_frame(b'{"id":1,"op":"ping"}')
OK = raw_frame(b'{"id":1,"ok":true}')


def step(way: str, octets: bytes, **more: Any) -> Step:
    """Octets that were kept whole."""
    found: Any = {"way": way, "hex": octets.hex(), "octets": len(octets), **more}
    return found  # type: ignore[no-any-return]


def conversation(*steps: Step, accepted: str = "", **more: Any) -> Conversation:
    """What went over a connection."""
    found: Any = {"accepted": accepted, "steps": [*steps], "notes": [], **more}
    return found  # type: ignore[no-any-return]


def case(id_: str, verdict: str, *requirements: str, **more: Any) -> CaseReport:
    """A case whose id begins with its mode and chapter."""
    cited = list(requirements) or ["HJP-FRM-2"]
    levels = [REQUIREMENTS[one].level.removesuffix(" NOT") for one in cited]
    found: Any = {
        "id": id_,
        "title": f"The title of {id_.replace('-', ' ')}",
        "requirements": cited,
        "level": next(one for one in ("MUST", "SHOULD", "MAY") if one in levels),
        "area": id_.split("-")[1].upper(),
        "feature": "core",
        "verdict": verdict,
        "seconds": 0.0125,
        **more,
    }
    return found  # type: ignore[no-any-return]


def run(mode: str, cases: Iterable[CaseReport], **more: Any) -> RunReport:
    """A run with these cases."""
    cases = list(cases)
    counts = Counter(one["verdict"] for one in cases)
    bad = counts["fail"] + counts["crash"]
    found: Any = {
        "mode": mode,
        "verdict": "NOT CONFORMANT" if bad else "CONFORMANT",
        "exit": 1 if bad else 0,
        "target": {
            "arguments": ARGUMENTS[mode],
            "name": f"sample {mode} 1.0",
            "features": [],
            "max_payload": 65_536,
        },
        "tier": "full",
        "strict": False,
        "shuffle": None,
        "seconds": sum(one["seconds"] for one in cases),
        "complete": True,
        "stopped": None,
        "trouble": [],
        "dead": [],
        "counts": {verdict: counts[verdict] for verdict in VERDICTS},
        "cases": cases,
        **more,
    }
    return found  # type: ignore[no-any-return]


def partial() -> Report:
    """A selection, all of which passed."""
    cases = [case(f"server-cor-x{n}", "pass", "HJP-COR-8") for n in range(41)]
    return write.report([run("server", cases, total=777)])


def known() -> Report:
    """Failures, all of which were known."""
    one = case("server-cor-a", "known", "HJP-COR-8", message="known: why; it failed")
    two = case("server-cor-b", "pass", "HJP-COR-8")
    return write.report([run("server", [one, two], total=2)])


def report(*runs: RunReport) -> Report:
    """A report of these runs, with the requirements that they need."""
    cited = {
        id_
        for one in runs
        for case_ in one["cases"]
        for id_ in (*case_["requirements"], *case_.get("broken", ()))
    }
    runs = copy.deepcopy(runs)  # what a test does to them is its own affair
    worst = max(runs, key=lambda one: one["exit"])
    return {
        "format": FORMAT,
        "suite": "0.2.0",
        "began": "2025-11-22T20:36:00Z",
        "verdict": worst["verdict"],
        "exit": worst["exit"],
        "areas": AREAS,
        "requirements": {id_: _told(id_) for id_ in REQUIREMENTS if id_ in cited},
        "runs": [*runs],
    }


def _told(id_: str) -> RequirementReport:
    found = REQUIREMENTS[id_]
    return {
        "level": found.level,
        "actor": found.actor,
        "sentence": found.sentence,
        "document": found.document,
        "section": found.section,
    }


WRONG_MAGIC = b"hjp\xff" + PING[4:]
ACCEPTED = "fatal error bad_magic, then the end of the stream"

MAGIC = case(
    "server-frm-magic-wrong-lower-case",
    "fail",
    "HJP-FRM-2",
    "HJP-ERR-10",
    title="A frame whose magic is wrong is refused: lower case",
    message="reply to 1, ok",
    broken=["HJP-FRM-2"],
    conversations=[
        conversation(
            step("sent", WRONG_MAGIC),
            step("received", OK),
            accepted=ACCEPTED,
            wrong={"way": "received", "offset": 16},
        )
    ],
)
HALF_CLOSED = case(
    "server-lif-end-after-request",
    "fail",
    "HJP-LIF-7",
    message="the end of the stream",
    broken=["HJP-LIF-7"],
    conversations=[
        conversation(
            step("sent", PING, then="end"),
            step("received", b"", then="end"),
            accepted="reply to 1, ok, no payload",
            notes=["the suite ended its input", "received: the end of the stream"],
        )
    ],
)
CRASH = case(
    "server-met-depth-far-too-deep",
    "crash",
    "HJP-MET-7",
    message="received: a reset of the connection; the server ended by SIGSEGV",
    broken=["HJP-MET-7"],
    conversations=[
        conversation(
            step("sent", raw_frame(b'{"id":1,"op":"ping","a":' + b"[" * 40_000)),
            step("received", b"", then="reset"),
            accepted="fatal error bad_json, then the end of the stream",
            notes=["received: a reset of the connection"],
        )
    ],
)
TWO = case(
    "server-lif-two-connections",
    "fail",
    "HJP-LIF-7",
    message="reply to 2, ok",
    broken=["HJP-LIF-7"],
    conversations=[
        conversation(
            step("sent", PING, turn=0),
            step("received", OK, turn=3),
            accepted="reply to 1, ok, no payload",
        ),
        conversation(
            step("sent", PING, turn=1),
            step("received", OK.replace(b"1", b"2"), turn=2),
            accepted="reply to 1, ok, no payload",
            wrong={"way": "received", "offset": 22},
        ),
    ],
)
LONG = case(
    "server-cor-echo-long",
    "fail",
    "HJP-COR-8",
    message="octet 40000 of the payload is 42 instead of 41",
    broken=["HJP-COR-8"],
    conversations=[
        conversation(
            step("sent", raw_frame(b'{"id":1,"op":"echo"}', b"A" * 65_000)),
            step(
                "received",
                raw_frame(b'{"id":1,"ok":true}', b"A" * 40_000 + b"B" + b"A" * 24_999),
            ),
            accepted="reply to 1, ok, payload of 65000 octets",
            wrong={"way": "received", "offset": 16 + 18 + 40_000},
        )
    ],
)
CUT = case(
    "server-cor-echo-cut",
    "fail",
    "HJP-COR-8",
    message="nothing that was kept",
    broken=["HJP-COR-8"],
    conversations=[
        conversation(
            step("sent", PING),
            {"way": "received", "hex": OK.hex(), "octets": 1_000_000},
            accepted="reply to 1, ok, no payload",
            wrong={"way": "received", "offset": 900_000},
        )
    ],
)
SILENT = case(
    "server-msg-silent",
    "inconclusive",
    "HJP-MSG-21",
    message="nothing came, not even the end of the stream",
    conversations=[
        conversation(step("sent", PING), accepted="reply to 1, ok, no payload")
    ],
)
SLOW = case(
    "server-lim-slow",
    "warn",
    "HJP-LIM-9",
    message="it waited for longer than 30 s",
    broken=["HJP-LIM-9"],
    conversations=[conversation(step("sent", PING), step("received", OK))],
)
HOSTILE_CASE = case(
    "server-err-hostile-words",
    "fail",
    "HJP-ERR-1",
    message=f"error internal, id 1, message {HOSTILE}",
    broken=["HJP-ERR-1"],
    conversations=[
        conversation(
            step("sent", PING),
            step("received", HOSTILE.encode()),
            accepted="reply to 1, ok, no payload",
            notes=[HOSTILE],
            wrong={"way": "received", "offset": 0},
        )
    ],
)
SKIPPED = case("server-cor-hello-token", "skip", "HJP-COR-6", message="no `token`")
KNOWN = case("server-err-known", "known", "HJP-ERR-1", message="known: issue 7")
HARNESS = case(
    "server-err-harness", "harness", "HJP-ERR-1", message="Traceback (most recent …"
)
PASSED = case("server-frm-magic-right", "pass", "HJP-FRM-2")

UPPER = case(
    "client-cor-upper-other-id",
    "fail",
    "HJP-MSG-26",
    title="A reply to a request that was never sent is refused",
    message="the client printed: ok 484921",
    broken=["HJP-MSG-26"],
    arguments=["upper", "hi.bin"],
    files={"hi.bin": b"hi!".hex()},
    printed=["ok 484921"],
    status=0,
    conversations=[
        conversation(
            step("received", raw_frame(b'{"id":1,"op":"upper"}', b"hi!")),
            step("sent", raw_frame(b'{"id":9,"ok":true}', b"HI!")),
            step("received", b"", then="end"),
            accepted="refused bad_id",
            notes=["received: the end of the stream"],
        )
    ],
)
CALL = case(
    "client-msg-call-goes-on",
    "fail",
    "HJP-MSG-23",
    message="a frame after the final reply",
    broken=["HJP-MSG-23"],
    arguments=["call", "x-sum"],
    printed=["ok"],
    status=0,
    conversations=[
        conversation(
            step("sent", b"", input=["more 61"]),
            step("received", raw_frame(b'{"id":1,"op":"x-sum","more":true}', b"a")),
            step("sent", OK, input=["more 62", "last 63"]),
            step("received", raw_frame(b'{"id":1,"more":true}', b"b")),
            accepted="the end of the request",
            wrong={"way": "received", "offset": 50},
        )
    ],
)
CODEC = case(
    "codec-met-two-members",
    "fail",
    "HJP-MET-6",
    message="accept, instead of reject bad_json",
    broken=["HJP-MET-6"],
    conversations=[
        conversation(
            step("sent", raw_frame(b'{"a":1,"a":2}')[:20]),
            step("sent", raw_frame(b'{"a":1,"a":2}')[20:]),
            accepted="reject bad_json",
            wrong={"way": "sent", "offset": 23},
            asked='{"cmd":"decode","chunks":["48"],"max_payload":65536}',
            answered='{"status":"accept","frames":[],"consumed":29}',
        )
    ],
)


def small() -> Report:
    """All modes, all verdicts, and everything that is hard to show."""
    server = [
        PASSED, MAGIC, HALF_CLOSED, CRASH, TWO, LONG, CUT, SILENT, SLOW, HOSTILE_CASE,
        SKIPPED, KNOWN, HARNESS,
    ]  # fmt: skip
    made = report(
        run("server", server, seconds=4.25, trouble=["a fault of the suite"]),
        run("client", [UPPER, CALL, case("client-cor-ping", "pass", "HJP-COR-8")]),
        run("codec", [CODEC, case("codec-frm-empty", "pass", "HJP-FRM-1")]),
    )
    made["runs"][0]["target"]["name"] = HOSTILE
    return made


def conformant() -> Report:
    """A server that is right."""
    return report(run("server", [PASSED, SKIPPED]))


def big(cases: int = 12_000, bad: int = 400) -> Report:
    """As much as a full run has: generated codec cases, some of them failed."""
    rng = random.Random(7)
    cited = [one for one in REQUIREMENTS.values() if one.area in ("FRM", "MET")]
    made = []
    every = cases // bad
    for number in range(cases):
        one = cited[number * len(cited) // cases]
        variant = f"{rng.choice(_KINDS)}-{rng.choice(_PLACES)}-{number:05}"
        id_ = f"codec-{one.area.lower()}-generated-{variant}"
        title = f"What a receiver makes of a text: {variant.replace('-', ' ')}"
        wrong: dict[str, Any] = {}
        if number % every == every // 2:
            octets = raw_frame(b'{"id":%d,"op":"ping","x":"%b",}' % (number, b"y" * 60))
            talk = conversation(
                step("sent", octets),
                accepted="reject bad_json",
                wrong={"way": "sent", "offset": len(octets) - 1},
            )
            message = f"accept, {number} octets consumed, instead of reject bad_json"
            wrong = {"message": message, "broken": [one.id], "conversations": [talk]}
        verdict = "fail" if wrong else "pass"
        made.append(case(id_, verdict, one.id, title=title, seconds=0.0004, **wrong))
    return report(run("codec", made))


_KINDS = ("lone-surrogate", "duplicate-name", "deep", "number-with-exponent", "long")
_PLACES = ("in-array", "at-start", "in-member-of-member", "after-white-space")
