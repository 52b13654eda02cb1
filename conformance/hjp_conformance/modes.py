"""The three ways to plug in: from settings to a target."""

from hjp_conformance.clients import EMBEDDED, Client
from hjp_conformance.codecs import codec_of
from hjp_conformance.servers import Embedded, Remote, Started
from hjp_conformance.settings import Settings
from hjp_conformance.target import Target


def target_of(settings: Settings) -> Target:
    """The target that is asked for; without a word about it, the reference.

    Raises:
        TargetGoneError: it cannot be started.
    """
    match settings.mode:
        case "client":
            return Client(settings.cmd or EMBEDDED)
        case "codec":
            return codec_of(settings.cmd, settings.function, settings.deadline)
    if settings.url is not None:
        return Remote(settings.url)
    if settings.cmd is not None:
        return Started(settings.cmd, settings.limits)
    return Embedded()
