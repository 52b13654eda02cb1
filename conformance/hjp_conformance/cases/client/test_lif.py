"""The chapter *Lifecycle*, as a client keeps it: reading while writing, and ends."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.outcomes import Start, expect, expect_any, replied
from hjp_conformance.stimuli import fatal, frame, hello_reply, ok
from hjp_conformance.verdicts import Inconclusive

REPLY = ok(1, b"payload")
COUNT = 300
LONG = '{{"id":{},"ok":true,"x":"' + "x" * 60_000 + '"}}'


@requires("HJP-LIF-4")
def test_lif_reads_while_it_writes(start: Start) -> None:
    """A server that reads no request before its replies are taken is not blocked."""
    visit = start(("ahead", COUNT, "echo", bytes(65_536)))
    for _ in range(COUNT):
        request = visit.peer.request("echo")
        rest = visit.peer.send_until_blocked(
            frame(LONG.format(request.id)), visit.patience.seconds
        )
        if rest:
            visit.patience.exceed()
            raise Inconclusive("the client took no reply while it was writing")
    expect(visit, *["ok"] * COUNT)


@requires("HJP-LIF-10")
@rows(
    "cut",
    {
        "before-anything": 0,
        "in-the-magic": 2,
        "after-five": 5,
        "in-the-lengths": 10,
        "before-the-last-octet-of-the-header": 15,
        "after-the-header": 16,
        "in-the-json": 20,
        "after-the-json": len(REPLY) - 7,
        "in-the-payload": len(REPLY) - 3,
        "before-the-last-octet": len(REPLY) - 1,
    },
)
def test_lif_lost(start: Start, cut: int) -> None:
    """A stream that ends before the reply is whole is told as a lost connection."""
    visit = start(("upper", b"x"), "ping")
    id_ = visit.peer.request("upper").id
    visit.peer.send(ok(id_, b"payload")[:cut])
    visit.peer.half_close()
    expect(visit, "lost")


@requires("HJP-LIF-10")
def test_lif_lost_between_replies(start: Start) -> None:
    """A stream that ends after one of three replies: that one counts, then lost."""
    visit = start(("ahead", 3, "ping"))
    first = visit.peer.request("ping")
    visit.peer.request("ping")
    visit.peer.request("ping")
    visit.peer.send(ok(first.id))
    visit.peer.half_close()
    expect(visit, "ok", "lost")


@requires("HJP-LIF-10")
def test_lif_lost_at_once(start: Start) -> None:
    """A connection that is ended before anything was asked is lost."""
    visit = start("ping")
    visit.peer.half_close()
    expect(visit, "lost")


@requires("HJP-LIF-10")
def test_lif_lost_in_hello(start: Start) -> None:
    """A stream that ends instead of a reply to hello is a lost connection."""
    visit = start("hello", "ping")
    visit.peer.request("hello")
    visit.peer.half_close()
    expect(visit, "lost")


@requires("HJP-LIF-10")
def test_lif_lost_by_reset(start: Start) -> None:
    """A connection that is reset is a lost connection."""
    visit = start("ping", "ping")
    visit.peer.request("ping")
    visit.peer.reset()
    expect(visit, "lost")


@requires("HJP-LIF-10")
def test_lif_lost_in_a_request(start: Start) -> None:
    """A stream that ends while a request is being sent is a lost connection."""
    visit = start(("call", "x-suite"), "ping")
    visit.tell("more 61")
    visit.peer.request("x-suite")
    visit.peer.half_close()
    visit.tell("more 62")
    visit.tell("last")
    expect(visit, "lost")


@requires("HJP-LIF-10", "HJP-MSG-29")
def test_lif_not_lost(start: Start) -> None:
    """A stream that ends after the last reply is no lost connection."""
    visit = replied(start, ok)
    visit.peer.half_close()
    expect(visit, "ok")


@requires("HJP-LIF-10", "HJP-ERR-14")
def test_lif_end_after_fatal(start: Start) -> None:
    """The end of the stream after a fatal error is no lost connection."""
    visit = replied(start, lambda _: fatal("going_away", last_id=0), "ping")
    visit.peer.half_close()
    expect(visit, "fatal going_away")


@requires("HJP-LIF-10", "HJP-FRM-18")
def test_lif_end_after_early_fault(start: Start) -> None:
    """A frame that is surely wrong and cut off: its code, or a lost connection."""
    visit = replied(start, lambda _: frame('{"id":1,,', json_length=30))
    visit.peer.half_close()
    expect_any(visit, ["refused bad_json"], ["lost"])


@requires("HJP-MSG-29")
def test_lif_slow_server(start: Start) -> None:
    """A server that answers after all requests have come is no slow one."""
    visit = start("hello", ("ahead", 50, "upper", b"x"))
    visit.peer.send(hello_reply(visit.peer.request("hello").id, 2**20))
    ids = [visit.peer.request("upper").id for _ in range(50)]
    for id_ in ids:
        visit.peer.send_apart(ok(id_, b"X"))
    expect(visit, "ok", *["ok 58"] * 50)
