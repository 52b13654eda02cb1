"""How much a crash of the machine may cost."""

from enum import StrEnum

__all__ = ["Durability"]


class Durability(StrEnum):
    """What survives a crash of the machine once it was answered (HJP-FOD-1)."""

    NONE = "none"
    """Nothing: the system writes when it likes."""
    FILE = "file"
    """The octets; their name perhaps not."""
    FULL = "full"
    """Octets, name and result."""
