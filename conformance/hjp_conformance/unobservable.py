"""Requirements that no peer can see kept or broken, each with why."""

UNOBSERVABLE: dict[str, dict[str, str]] = {
    "server": {
        "HJP-MSG-31": "a server that begins each request as it reads it never answers so",
        "HJP-NAM-4": "a server sends the names that it was given",
        "HJP-PUT-17": "no name leads to a stage: nobody sees whether it has gone",
        "HJP-RSM-15": "the suite has no token to say hello with",
    },
    "client": {
        "HJP-MSG-19": "a client sends no replies",
        "HJP-TST-12": "only a minute of silence could show it; no case waits so long",
        **dict.fromkeys(
            ("HJP-NAM-4", "HJP-NAM-7", "HJP-GET-10", "HJP-RSM-4", "HJP-RSM-14"),
            "no action of a client's testee is about files",
        ),
    },
    "codec": {},
}
"""By mode and id."""
