"""Faults in what a client checks in an error."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.putting_up import Mended
from hjp_conformance.mutants.client.receiver import Fatal, Frame
from hjp_conformance.mutants.client.shared import Object

# MSG-28: errors


@fault("MSG-28")
class ErrorMissingInternal(Mended):
    """Takes a failed reply without error for an error internal."""

    def mend(self, message: Object) -> None:
        if message.get("ok") is False:
            message.setdefault("error", {"code": "internal"})


@fault("MSG-28")
class CodeMissingInternal(Mended):
    """Takes an error without code for an error internal."""

    def mend(self, message: Object) -> None:
        error = message.get("error")
        if isinstance(error, dict):
            error.setdefault("code", "internal")


@fault("MSG-28")
class CodeMistypedInternal(Mended):
    """Takes an error whose code is no string for an error internal."""

    def mend(self, message: Object) -> None:
        error = message.get("error")
        if isinstance(error, dict) and not isinstance(error.get("code", ""), str):
            error["code"] = "internal"


@fault("MSG-28")
class ErrorString(Mended):
    """Takes an error that is a string for its code."""

    def mend(self, message: Object) -> None:
        if isinstance(message.get("error"), str):
            message["error"] = {"code": message["error"]}


@fault("MSG-28")
class ErrorNullInternal(Mended):
    """Takes an error that is null for an error internal."""

    def mend(self, message: Object) -> None:
        if message.get("error", "") is None:
            message["error"] = {"code": "internal"}


@fault("MSG-28")
class ErrorMoreInterim(Client):
    """Takes an error with more true for an interim reply."""

    def check_error_more(self, frame: Frame) -> None:
        """The rest will come."""


@fault("MSG-28")
class ErrorMoreFinal(Client):
    """Takes an error with more true for the final reply."""

    def check_error_more(self, frame: Frame) -> None:
        frame.more = False


@fault("MSG-28")
class ErrorBadJson(Client):
    """Refuses a failed reply without a good error with bad_json."""

    def check_code(self, frame: Frame) -> None:
        error = frame.message.get("error")
        if not isinstance(error, dict) or not isinstance(error.get("code"), str):
            self.refuse("bad_json")


@fault("MSG-28")
class FatalUnchecked(Client):
    """Takes a frame with id 0 for fatal without looking for a code in it."""

    def check_connection(self, frame: Frame) -> None:
        super().check_connection(frame)
        error = frame.message["error"] if frame.id == 0 else None
        if isinstance(error, dict) and not isinstance(error.get("code"), str):
            raise Fatal("internal")
