"""Fuzzing for parsers of HJP and of formats like it."""
