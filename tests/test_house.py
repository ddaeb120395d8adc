"""The measures of the house: short functions, short files, plain names, and documents that keep up."""

from __future__ import annotations

import ast
import functools
import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    name
    for name in ("api", "config", "benchmarks", "negotiations", "notifications")
    if (ROOT / name).exists()
]
SOURCES = sorted(
    path for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FORBIDDEN_FILES = {"utils", "helpers", "services", "managers", "handlers", "common", "misc"}
FORBIDDEN_CLASSES = re.compile(r"(Service|Manager|Helper|Utils?)$")
# The outermost frame of a task and the fence around a live section: there a broad except is right.
BROAD = {"negotiations/tasks.py", "notifications/live.py"}
ENGINE = ROOT / "negotiations" / "engine"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(read(path)) if isinstance(node, Function))


def lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


def share(values: list[int], percent: int) -> int:
    """The value that `percent` of the values do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_functions_are_short() -> None:
    sizes = {
        f"{where(path)}:{function.name}": lines(function) for path in SOURCES for function in functions(path)
    }
    assert statistics.median(sizes.values()) <= 10
    assert share(list(sizes.values()), 90) <= 30
    assert {name: size for name, size in sizes.items() if size > 50} == {}


def test_views_are_shorter() -> None:
    sizes = {
        f"{where(path)}:{function.name}": lines(function)
        for path in SOURCES
        if "views" in path.parts
        for function in functions(path)
    }
    assert {name: size for name, size in sizes.items() if size > 25} == {}


def test_files_are_short() -> None:
    sizes = {where(path): length(path) for path in SOURCES if length(path)}
    assert share(list(sizes.values()), 90) <= 250
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_names_say_what_a_thing_is() -> None:
    for path in SOURCES:
        assert not {path.stem, *path.relative_to(ROOT).parts} & FORBIDDEN_FILES, where(path)
        classes = [node.name for node in ast.walk(read(path)) if isinstance(node, ast.ClassDef)]
        assert [name for name in classes if FORBIDDEN_CLASSES.search(name)] == [], where(path)


def test_nothing_is_imported_inside_a_function() -> None:
    for path in SOURCES:
        inside = [node for function in functions(path) for node in ast.walk(function)]
        found = [node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]
        assert found == [], where(path)


def test_broad_excepts_stand_in_two_places_only() -> None:
    assert {
        where(path) for path in SOURCES if ENGINE not in path.parents and list(broad_excepts(path))
    } <= BROAD


def test_in_the_engine_they_fence_other_peoples_code_and_say_why() -> None:
    """A negotiator may raise anything: what is caught is raised again in our words, or the line has its reason."""
    for path in ENGINE.glob("*.py"):
        text = path.read_text().splitlines()
        for handler in broad_excepts(path):
            raises = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
            said = re.search(r"# noqa: BLE001 \w+ \w+", text[handler.lineno - 1])
            assert raises or said, f"{where(path)}:{handler.lineno}"


def broad_excepts(path: Path) -> Iterator[ast.ExceptHandler]:
    handlers = (node for node in ast.walk(read(path)) if isinstance(node, ast.ExceptHandler))
    return (
        each for each in handlers if not each.type or ast.unparse(each.type) in ("Exception", "BaseException")
    )


def test_tests_are_neither_skipped_nor_expected_to_fail() -> None:
    marks = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b")
    assert [where(path) for path in TESTS if path != Path(__file__) and marks.search(path.read_text())] == []


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = {re.split(r"[\[<>=]", each)[0] for each in [*project["dependencies"], *sum(extras, [])]}
    told = set(re.findall(r"^\| `([^`]+)`", (ROOT / "docs" / "dependencies.md").read_text(), re.M))
    assert told == wanted


def test_the_release_told_of_a_dependency_is_the_pinned_one() -> None:
    pins = dict(pin.split("==") for pin in (ROOT / "constraints.txt").read_text().splitlines())
    pinned = {_plain(name): version for name, version in pins.items()}
    document = (ROOT / "docs" / "dependencies.md").read_text()
    told = dict(re.findall(r"^\| `([^`]+)` \| (\S+) \| \d{4}-\d\d-\d\d \| \d+ \| \S", document, re.M))
    assert len(told) == len(re.findall(r"^\| `", document, re.M))
    assert {name: pinned[_plain(name)] for name in told} == told


def test_every_dependency_is_pinned_by_name_and_version_alone() -> None:
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", pin)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    pinned = {_plain(pin.split("==")[0]) for pin in pins}
    assert {_plain(re.split(r"[\[<>=]", each)[0]) for each in named} <= pinned


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_setting_of_the_environment_is_explained() -> None:
    wanted: set[str] = set()
    for path in SOURCES:
        wanted |= set(
            re.findall(r"(?:env(?:bool|int|number|list)|environ\.get)\(\s*\"([A-Z_]+)\"", path.read_text())
        )
    told = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.M))
    assert wanted <= told


def test_every_command_is_in_the_readme() -> None:
    commands = {path.stem for path in SOURCES if path.parent.name == "commands" and path.stem != "__init__"}
    readme = (ROOT / "README.md").read_text()
    assert {name for name in commands if f"`{name}" not in readme} == set()
