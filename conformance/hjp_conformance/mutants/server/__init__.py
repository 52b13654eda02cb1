"""Core servers that are broken, or odd, on purpose."""
