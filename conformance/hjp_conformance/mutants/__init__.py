"""Endpoints that are broken, or odd, on purpose: they try the suite itself."""
