"""What is public is said once and truly, and the core needs no third party."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import hjp

MODULES = [
    importlib.import_module(f"hjp.{module.name}")
    for module in pkgutil.iter_modules(hjp.__path__)
    if module.name != "__main__"
]


def defined_in(module: ModuleType) -> set[str]:
    """Public classes and functions that a module defines itself."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))
def test_all_is_right_in_both_directions(module: ModuleType) -> None:
    """What is listed is there, and what is public is listed."""
    if module.__name__ == "hjp.cli":
        return  # its commands are for Typer
    listed = set(module.__all__)
    assert listed <= set(vars(module))
    assert defined_in(module) <= listed


def test_the_package_lists_what_it_imports() -> None:
    """Every public name of the package, sorted by nobody's memory."""
    modules = {module.__name__.removeprefix("hjp.") for module in MODULES}
    public = {name for name in vars(hjp) if not name.startswith("_")}
    listed = set(hjp.__all__)
    assert listed - {"__version__"} <= public
    assert public - listed <= modules
    assert len(hjp.__all__) == len(listed)


def test_every_public_thing_says_what_it_is() -> None:
    """A docstring for each."""
    for name in hjp.__all__:
        value = getattr(hjp, name)
        if inspect.isclass(value) or inspect.isroutine(value):
            assert value.__doc__, name


def test_the_library_needs_the_standard_library_only() -> None:
    """Importing it loads neither Typer nor Rich, the core no socket either."""
    script = (
        "import sys, hjp; third = {'typer', 'rich', 'click', 'construct'};"
        "print(sorted(third & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
