"""Requirements that no peer can see kept or broken, each with why."""

UNOBSERVABLE: dict[str, dict[str, str]] = {
    "server": {
        "HJP-MSG-31": "a server that begins each request as it reads it never answers so",
    },
    "client": {},
    "codec": {},
}
"""By mode and id."""
