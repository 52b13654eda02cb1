"""The codec mode: cases that feed octets and lines to a codec, free of pytest.

A codec plugs in as a testee, the program that the text *testee* describes, or as a
Python callable. `case` says what a case is, `target` what is tested, `cases` has all.
"""
