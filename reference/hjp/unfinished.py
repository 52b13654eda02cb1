"""What is remembered of transfers that were interrupted, for the next process.

One small file for each in ``$XDG_STATE_HOME/hjp``, else ``~/.local/state/hjp``. It is
a convenience: where it cannot be kept, the next transfer begins at the beginning.
"""

import contextlib
import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Final

__all__ = ["drop", "find", "folder", "keep"]

_MOST: Final = 1000
# Longer than servers have to keep a stage (HJP-RSM-9); a token that is not known to
# the server any more costs nothing.
_SECONDS: Final = 7 * 24 * 3600.0
_SUFFIX: Final = ".json"


def folder() -> Path:
    """Tell where it is kept."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return base / "hjp"


def find(key: str) -> dict[str, str]:
    """Give what was kept for a transfer; nothing if nothing was."""
    try:
        found = json.loads(_path(key).read_text())
    except (OSError, ValueError, RuntimeError):  # no home, no file, or no JSON
        return {}
    is_right = isinstance(found, dict) and found.pop("key", None) == key
    return {name: str(value) for name, value in found.items()} if is_right else {}


def keep(key: str, **values: str) -> None:
    """Keep something for a transfer; readable by this user only (an upload's token)."""
    with contextlib.suppress(OSError, RuntimeError):
        path = _path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(path.parent)
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"key": key, **values}, file)
        draft.replace(path)


def drop(key: str) -> None:
    """Forget a transfer."""
    with contextlib.suppress(OSError, RuntimeError):
        _path(key).unlink()


def _path(key: str) -> Path:
    digest = hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
    return folder() / (digest[:32] + _SUFFIX)


def _tidy(where: Path) -> None:
    """Remove what is old, and the oldest of too many."""
    dated = sorted((path.stat().st_mtime, path) for path in where.iterdir())
    limit = time.time() - _SECONDS
    for number, (modified, path) in enumerate(reversed(dated)):
        if modified < limit or number >= _MOST - 1:
            path.unlink(missing_ok=True)
