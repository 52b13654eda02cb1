"""A codec written from the text alone, as a testee: it agrees on every vector."""

import shutil
from pathlib import Path

import pytest

from hjp_spec.testee import Testee
from hjp_spec.vectors import VECTORS

TESTEE = Path(__file__).parents[2] / "conformance/peers/javascript/codec_testee.mjs"


def test_the_codec_in_javascript_agrees_on_every_vector() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    with Testee([node, str(TESTEE)]) as testee:
        for vector in VECTORS:
            for chunks in ([vector.octets], [bytes([one]) for one in vector.octets]):
                if len(chunks) > 5000:
                    continue
                found = testee.decode(chunks, vector.max_payload)
                permitted = {(one.status, one.code) for one in vector.outcomes}
                assert (found.status, found.code) in permitted, vector.name
