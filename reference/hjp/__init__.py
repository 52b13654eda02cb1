"""HJP/1: frames of a fixed header, a JSON object and a raw payload."""

__version__ = "0.1.0"
