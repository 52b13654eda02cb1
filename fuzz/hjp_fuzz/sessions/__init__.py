"""Fuzzing of servers: sessions of requests, right and wrong, and what must come back.

A test of a server that listens somewhere, or of a command that starts one::

    from hjp_fuzz.sessions import session_machine

    TestMyServer = session_machine("./srv {port}").TestCase
"""
