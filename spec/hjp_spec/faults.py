"""What is wrong with octets that a receiver has to refuse."""

from hjp_spec.registry import Code


class FormatFault(Exception):  # noqa: N818  (an input has faults, we raise errors)
    """A frame that a receiver has to refuse.

    Its text says what was found and what is allowed.

    Attributes:
        code: the code to refuse with.
        requirement: the id of the requirement that is broken.
        offset: where the fault is, in octets from the start of the input.
        message: the text.
    """

    def __init__(self, code: Code, requirement: str, offset: int, message: str):
        super().__init__(message)
        self.code = code
        self.requirement = requirement
        self.offset = offset
        self.message = message

    def moved(self, octets: int) -> "FormatFault":
        """The same fault in an input that has so many octets before this one."""
        return FormatFault(
            self.code, self.requirement, self.offset + octets, self.message
        )
