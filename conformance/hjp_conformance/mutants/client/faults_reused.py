"""The faults of the servers' scanners: a client's scanner can have the same ones.

Named here so that only the chapter that holds the wanted one is loaded.
"""

from hjp_conformance.mutants.client.catalogue import enter, kebab
from hjp_conformance.mutants.client.shared import server_chapter

CHAPTERS = {
    "faults_json": """
        Utf8Replaced Utf8OrLatin1 Utf8Surrogates Utf8OverlongNul Utf8OverlongSlash
        Utf8AboveUnicode BomAccepted SpaceFirstAccepted ArrayAccepted NanAccepted
        InfinityAccepted CapitalLiterals TrailingCommaInObject TrailingCommaInArray
        CommaOptional CommentsAccepted LeadingZeros PlusSign BarePoint PointFirst
        BareExponent HexNumbers UnicodeDigits RawControls RawTab AnyEscape HexEscape
        SloppyUnit SingleQuotes BareNames RestIgnored SecondObject NulAtEnd
        BraceMissing VerticalSpace UnicodeSpace SpaceAfterRefused NewlineAfterRefused
        TabRefused ReturnRefused SpaceBeforeColonRefused SpaceInEmptyRefused
        """,
    "faults_names": """
        LastOfName FirstOfName NamesOfTopOnly NamesInArraysIgnored
        EqualMembersAccepted NeighbourNamesOnly KnownNamesOnly RawNamesCompared
        EscapedNamesUnknown NamesAnyCase NamesTrimmed NamesEndAtNul EqualButForCase
        EqualButForForm NamesAcrossObjects LoneSurrogates LoneLowSurrogates
        LoneHighSurrogates AnyPair LoneInNames NulRefused NoncharactersRefused
        ControlsRefused MarksRefused AstralRefused LineSeparatorsRefused
        """,
    "faults_values": """
        InfiniteAccepted InfiniteIntegers InfiniteNegatives UnderflowRefused
        ManyDigitsRefused BigExponentsRefused Depth33 DepthUnbounded
        DepthOfObjectsOnly Depth31 DepthNeverFalls
        """,
}
NAMES = {
    kebab(name): (chapter, name)
    for chapter, names in CHAPTERS.items()
    for name in names.split()
}


def load(name: str) -> None:
    """Enter one fault, with the requirement that the servers' table has for it."""
    chapter, class_name = NAMES[name]
    how = getattr(server_chapter(chapter), class_name)
    theirs = server_chapter("faults").FAULTS[name]
    enter(how, theirs.requirement.removeprefix("HJP-"))


def load_all() -> None:
    for name in NAMES:
        load(name)
