"""Cases whose outcomes are written in tables, and not computed from the octets.

The oracle of the specification is a second reading: a test holds it against these.
"""
