"""Requirements for which there is no fault, each with the reason."""

CLIENT = "binds a client only"
ADVICE = "a SHOULD: a server that does otherwise still conforms"

UNOBSERVABLE: list[tuple[str, str]] = [
    ("HJP-MET-19", ADVICE + "; the text says that both outcomes conform"),
    ("HJP-MSG-1", CLIENT),
    ("HJP-MSG-6", CLIENT),
    ("HJP-MSG-23", CLIENT),
    ("HJP-MSG-25", CLIENT),
    ("HJP-MSG-26", CLIENT),
    ("HJP-MSG-27", CLIENT),
    ("HJP-MSG-28", CLIENT),
    ("HJP-MSG-29", CLIENT),
    ("HJP-MSG-31", ADVICE),
    (
        "HJP-MSG-32",
        "the time limits the beginning of an operation, and only a server knows when "
        "it has begun; to answer late is allowed, and the operations take no time",
    ),
    ("HJP-ERR-7", CLIENT),
    ("HJP-ERR-14", CLIENT),
    (
        "HJP-ERR-18",
        "the only members that a core operation can find mistyped are those of hello "
        "(HJP-COR-6, HJP-COR-7) and timeout_ms (HJP-MSG-30), which have faults",
    ),
    (
        "HJP-ERR-19",
        "ping, echo and upper have no effect but their reply, and a hello that is "
        "refused ends the connection, so nobody sees whether it took effect",
    ),
    ("HJP-LIM-1", CLIENT),
    ("HJP-LIM-7", ADVICE),
    ("HJP-LIM-8", ADVICE),
    ("HJP-LIM-9", ADVICE),
    ("HJP-LIM-10", ADVICE + "; no core operation takes long enough"),
    ("HJP-LIF-4", CLIENT),
    ("HJP-LIF-10", CLIENT),
    ("HJP-LIF-11", ADVICE + "; nor can a peer tell a server to stop"),
    ("HJP-PRV-1", ADVICE + "; nor can a peer know who made a name up"),
    ("HJP-OPD-1", "an operator's duty: cannot be seen on the wire"),
    ("HJP-OPD-2", "an operator's duty: cannot be seen on the wire"),
    ("HJP-OPD-3", "an operator's duty: cannot be seen on the wire"),
    ("HJP-OPD-4", "an operator's duty: cannot be seen on the wire"),
    (
        "HJP-ERR-10",
        "in part: to act on later octets without sending anything leaves no trace, "
        "since no core operation has an effect beyond its connection; the fault that "
        "there is answers them, and so breaks HJP-ERR-11 as well",
    ),
    (
        "HJP-MSG-15",
        "in part: 'the requests take effect in that order' cannot be seen, since no "
        "two core operations touch the same thing; the order of replies can",
    ),
    (
        "HJP-MSG-22",
        "in part: of the members of a frame that is dropped, only timeout_ms could "
        "make a core server do something",
    ),
    (
        "HJP-COR-2",
        "in part: a listed feature that is not offered is seen only if its name is "
        "one that nobody can offer, since the features are defined elsewhere",
    ),
    ("HJP-NAM-4", ADVICE + "; and a server sends the names that it was given"),
    ("HJP-PUT-2", CLIENT),
    ("HJP-PUT-17", "no name leads to a stage, so nobody sees whether it has gone"),
    ("HJP-RSM-4", CLIENT),
    ("HJP-RSM-14", CLIENT),
    ("HJP-RSM-15", "the suite has no token to say hello with"),
    *(
        (id_, "allows something: a server that never does it conforms")
        for id_ in (
            *("HJP-FIL-6", "HJP-NAM-3", "HJP-PUT-9", "HJP-PUT-10"),
            *("HJP-STA-3", "HJP-RSM-9", "HJP-RSM-17"),
        )
    ),
    *((f"HJP-FOD-{number}", "an operator's duty") for number in (1, 2, 3)),
    ("HJP-NAM-7", CLIENT),
    ("HJP-GET-10", CLIENT),
]
