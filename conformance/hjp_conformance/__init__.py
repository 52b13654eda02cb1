"""The HJP conformance suite."""
