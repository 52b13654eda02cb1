"""What is fuzzed, and how it is reached.

A target answers what a receiver makes of octets.  There are four ways to it:

* a callable of Python, in this process: `callables`;
* a testee, a process that answers a line with a line: `pipe`;
* a program that is started for every input: `spawn`;
* a live server: `server`.

`named` opens any of them by the name that a user gives.
"""

from hjp_fuzz.targets.base import (
    LIMITS,
    Answer,
    Contract,
    Decoder,
    Encode,
    Fate,
    Limits,
    Lost,
    NotFound,
    Pair,
    Question,
    Target,
    TargetError,
    Unwritten,
    place,
    type_name,
)
from hjp_fuzz.targets.callables import CallableTarget, load, target_of
from hjp_fuzz.targets.named import opened
from hjp_fuzz.targets.pipe import PipeTarget
from hjp_fuzz.targets.server import Served, ServerTarget
from hjp_fuzz.targets.spawn import SpawnTarget
from hjp_fuzz.targets.told import Told

__all__ = [
    "LIMITS",
    "Answer",
    "CallableTarget",
    "Contract",
    "Decoder",
    "Encode",
    "Fate",
    "Limits",
    "Lost",
    "NotFound",
    "Pair",
    "PipeTarget",
    "Question",
    "Served",
    "ServerTarget",
    "SpawnTarget",
    "Target",
    "TargetError",
    "Told",
    "Unwritten",
    "load",
    "opened",
    "place",
    "target_of",
    "type_name",
]
