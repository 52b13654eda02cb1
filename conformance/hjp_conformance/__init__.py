"""The HJP conformance suite: what any implementation must pass."""
