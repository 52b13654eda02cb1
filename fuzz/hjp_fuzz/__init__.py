"""Fuzzing for parsers of HJP and of formats like it.

`hjp-fuzz run module:callable` tries streams of frames on a parser and tells what it
gets wrong (`hjp_fuzz.targets` says what a parser has to look like).
`hjp_fuzz.strategies` has the same streams for tests of one's own, by Hypothesis.
"""
