"""Fuzzing for parsers of HJP and of formats like it.

`hjp-fuzz run` tries streams of frames on a parser and tells what it gets wrong: a
callable of Python, a testee, a program, a live server (`hjp_fuzz.targets` says what
each has to look like).
`hjp_fuzz.strategies` has the same streams for tests of one's own, by Hypothesis.
"""
