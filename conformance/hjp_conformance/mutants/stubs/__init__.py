"""Endpoints that are wrong in everything: a run against them says so, and soon."""
