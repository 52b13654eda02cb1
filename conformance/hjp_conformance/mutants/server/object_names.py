"""Which strings are names of objects, row by row: one reading of the table."""

from collections.abc import Callable

DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    port + digit for port in ("COM", "LPT") for digit in "123456789\u00b9\u00b2\u00b3"
}
MARKS = set('/\\:*?"<>|')


class ObjectNames:
    """Judges names."""

    def name_rows(self) -> list[Callable[[str], bool]]:
        return [
            self.wrong_length,
            self.has_control,
            self.has_mark,
            self.wrong_end,
            self.is_device,
        ]

    def wrong_length(self, name: str) -> bool:
        return not 1 <= len(name.encode()) <= 255

    def has_control(self, name: str) -> bool:
        return any(ord(char) < 0x20 or 0x7F <= ord(char) <= 0x9F for char in name)

    def has_mark(self, name: str) -> bool:
        return bool(MARKS & set(name))

    def wrong_end(self, name: str) -> bool:
        return name.endswith((".", " "))

    def is_device(self, name: str) -> bool:
        stem = name.split(".")[0].rstrip(" ")
        return self.raised(stem) in DEVICES

    def raised(self, stem: str) -> str:
        return "".join(char.upper() if char.isascii() else char for char in stem)
