"""The report as JSON values: what every report is made of, and `diff` and `replay`.

`schemas/report.schema.json` says the same for programs in other languages.
"""

from typing import Literal, NotRequired, TypedDict

FORMAT = 1
"""Grows when a member changes its meaning."""


class Step(TypedDict):
    """Octets that went one way, up to the next that went the other way.

    What went over another connection of the same case ends a step too, and so does
    `input`. In codec mode each chunk is a step.

    Attributes:
        way: who sent them: `sent` by the suite, `received` from the target; in a run
            of `matrix` by the client and from the server.
        hex: their digits; fewer than `octets` where the suite did not keep them all.
        octets: how many they were; 0 where only `then` or `input` is told.
        then: what came after them on their way: the end of the stream or a reset.
        input: in client mode, lines that the client was given on its standard input
            after them.
        turn: where the case has several connections, the place of the step among
            those of all of them.
    """

    way: Literal["sent", "received"]
    hex: str
    octets: int
    then: NotRequired[Literal["end", "reset"]]
    input: NotRequired[list[str]]
    turn: NotRequired[int]


class Wrong(TypedDict):
    """The first wrong octet.

    Attributes:
        way: who sent it.
        offset: counted in all octets of its way on the connection; their number where
            the end came too early.
    """

    way: Literal["sent", "received"]
    offset: int


class Conversation(TypedDict):
    """What went over one connection.

    Attributes:
        accepted: the outcomes that the case accepted last, one a line.
        steps: the octets of both ways, in order.
        notes: half-closes, ends, resets, in order.
        wrong: where the target went wrong, as far as an octet can be blamed.
        asked: in codec mode, the line that the testee was given.
        answered: in codec mode, the line that it gave back; not there where none came,
            null where it was too long to be kept.
    """

    accepted: str
    steps: list[Step]
    notes: list[str]
    wrong: NotRequired[Wrong]
    asked: NotRequired[str]
    answered: NotRequired[str | None]


class CaseReport(TypedDict):
    """How one case ended.

    Attributes:
        id: permanent.
        title: what is sent and what is expected, in a line.
        requirements: the ids it cites.
        level: the strongest of theirs: MUST, SHOULD, MAY.
        area: the chapter, such as `FRM`.
        feature: `core`, or the feature that it needs.
        verdict: pass, fail, crash, warn, inconclusive, skip, known, harness.
        seconds: how long it took.
        message: what was wrong, or why it was skipped; not there where nothing was.
        broken: the requirements that were seen broken.
        arguments: in client mode, what the client was told to do.
        files: in client mode, the octets of the files that `arguments` name, as
            hexadecimal digits; in a run of `matrix` only of those that are short.
        printed: in client mode, the lines that the client printed; in a run of
            `matrix` cut.
        status: in client mode, its exit status; null where it was ended.
        conversations: one for each connection; only where something was wrong.
    """

    id: str
    title: str
    requirements: list[str]
    level: str
    area: str
    feature: str
    verdict: str
    seconds: float
    message: NotRequired[str]
    broken: NotRequired[list[str]]
    arguments: NotRequired[list[str]]
    files: NotRequired[dict[str, str]]
    printed: NotRequired[list[str]]
    status: NotRequired[int | None]
    conversations: NotRequired[list[Conversation]]


class TargetReport(TypedDict):
    """What was tested.

    Attributes:
        arguments: those of `hjp-conformance` that name it again, such as
            `server --cmd './srv {port}'`.
        name: what it says of itself.
        features: what it offers beyond the core.
        max_payload: the greatest payload that it takes, in octets.
    """

    arguments: str
    name: str
    features: list[str]
    max_payload: int


class PairReport(TypedDict):
    """Who took part in a run of `matrix`.

    Attributes:
        client: its name, which no other client of the report has.
        server: its name, which no other server of the report has.
    """

    client: str
    server: str


class RunReport(TypedDict):
    """One run of the cases of one mode.

    Attributes:
        mode: server, client, codec, or pair.
        verdict: of the whole run: CONFORMANT, the same `as far as 41 of 777 cases go`,
            `AS EXPECTED, NOT CONFORMANT` where all failures were known, NOT CONFORMANT,
            INCONCLUSIVE, NO TARGET, HARNESS ERROR, INTERRUPTED.
        exit: its exit status.
        target: what was tested.
        tier: which cases were asked for: smoke, core, full or soak.
        strict: whether a broken SHOULD fails.
        options: those of `hjp-conformance` by which a case of it ends the same way
            again, such as `--strict --tier soak`; reports by older suites have none.
        shuffle: the seed of their order; null where it is that of the text.
        seconds: how long it took.
        complete: whether all selected cases were run.
        total: how many cases there are, selected or not, those of the tier `soak` only
            where it was asked for; not there where nobody has counted them.
        stopped: why not, if not.
        trouble: faults of the suite itself.
        dead: patterns of the known failures that match no case.
        counts: how many cases ended in each verdict.
        cases: in the order in which they ended.
        pair: in a run of `matrix`, where each pair is one, who took part.
    """

    mode: str
    verdict: str
    exit: int
    target: TargetReport
    tier: str
    strict: bool
    options: NotRequired[str]
    shuffle: int | None
    seconds: float
    complete: bool
    total: NotRequired[int]
    stopped: str | None
    trouble: list[str]
    dead: list[str]
    counts: dict[str, int]
    cases: list[CaseReport]
    pair: NotRequired[PairReport]


class RequirementReport(TypedDict):
    """A requirement that a case of the report cites or has seen broken.

    Attributes:
        level: its keyword, with `NOT`.
        actor: who has to keep it, such as `receiver`.
        sentence: its words.
        document: the text that it stands in, such as `core`.
        section: the heading that it stands under.
    """

    level: str
    actor: str
    sentence: str
    document: str
    section: str


class Report(TypedDict):
    """The whole file.

    Attributes:
        format: grows when a member changes its meaning.
        suite: the version of the suite.
        began: when, by ISO 8601 in UTC.
        verdict: the worst of the runs.
        exit: the exit status of the command.
        areas: the titles of the chapters by their letters, in the order of the text.
        requirements: by their ids.
        runs: one for each mode that was run, or each pair.
    """

    format: int
    suite: str
    began: str
    verdict: str
    exit: int
    areas: dict[str, str]
    requirements: dict[str, RequirementReport]
    runs: list[RunReport]
