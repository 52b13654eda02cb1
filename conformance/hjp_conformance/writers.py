"""What writes each of the reports that a command can be asked for."""

from collections.abc import Callable

from hjp_conformance.reports import badge, write
from hjp_conformance.reports.html import html
from hjp_conformance.reports.junit import junit
from hjp_conformance.reports.markdown import markdown
from hjp_conformance.reports.sarif import sarif
from hjp_conformance.reports.shape import Report

Writer = Callable[[Report], str]

WRITERS: dict[str, Writer] = {
    "json_path": write.to_json,
    "junit": junit,
    "markdown": markdown,
    "html": html,
    "sarif": sarif,
}
"""By the names of the options."""

BADGES: dict[str, Writer] = {".svg": badge.as_svg, ".json": badge.as_json}
"""By the ends of the names of files."""
