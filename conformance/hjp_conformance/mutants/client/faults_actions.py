"""Faults in what a testee does with actions that it does not offer."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client


@fault("TST-7")
class ConnectsForNothing(Client):
    """Connects before it finds that an action is not offered."""

    def not_offered(self) -> int:
        self.connect()
        self.close()
        return super().not_offered()


@fault("TST-7")
class SkipsTheUnknown(Client):
    """Leaves out the actions that it does not offer, and succeeds."""

    def not_offered(self) -> int:
        return self.run([])
