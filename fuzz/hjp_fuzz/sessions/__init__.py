"""Fuzzing of servers: sessions of requests, right and wrong, and what must come back.

`session_machine` is a state machine of Hypothesis for a server that listens somewhere,
or for a command that starts one::

    from hjp_fuzz.sessions import session_machine

    TestMyServer = session_machine("./srv {port}").TestCase

`sessions` is for a class that opens no socket::

    @given(sessions())
    def test_my_server(session):
        server = MyServer()
        judge(session, server.feed, server.end)

`Connection` knows what may come on one connection, whoever writes and reads it.
"""

from hjp_fuzz.sessions.dues import Due
from hjp_fuzz.sessions.machine import SessionMachine, session_machine
from hjp_fuzz.sessions.model import Connection, Inconclusive
from hjp_fuzz.sessions.permits import Permit
from hjp_fuzz.sessions.replies import Broken, Check
from hjp_fuzz.sessions.servers import NoServer, Server, ServerGone
from hjp_fuzz.sessions.strategies import Turn, judge, sessions

__all__ = [
    "Broken",
    "Check",
    "Connection",
    "Due",
    "Inconclusive",
    "NoServer",
    "Permit",
    "Server",
    "ServerGone",
    "SessionMachine",
    "Turn",
    "judge",
    "session_machine",
    "sessions",
]
