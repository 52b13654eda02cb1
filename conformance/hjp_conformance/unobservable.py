"""Requirements that no peer can see kept or broken, each with why."""

UNOBSERVABLE: dict[str, dict[str, str]] = {
    "server": {
        "HJP-MSG-31": "a server that begins each request as it reads it never answers so",
    },
    "client": {
        "HJP-MSG-19": "a client sends no replies",
        "HJP-TST-12": "only a minute of silence could show it; no case waits so long",
    },
    "codec": {},
}
"""By mode and id."""
