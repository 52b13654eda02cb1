"""Clients, as testees, that are broken, or odd, on purpose."""
