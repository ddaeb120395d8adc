"""Who may import whom: one way only, NegMAS in the engine alone, and the engine without Django."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("benchmarks", "negotiations", "notifications")
NEGMAS = {"negmas", "negmas_genius_agents"}
ENGINE = ROOT / "negotiations" / "engine"
SOURCES = sorted(path for app in (*APPS, "config") for path in (ROOT / app).rglob("*.py"))
ENGINE_MODULES = sorted(f"negotiations.engine.{path.stem}" for path in ENGINE.glob("[!_]*.py"))

# Below the models of an app nothing knows pages; below the recorders nothing knows tasks.
BELOW = {
    "negotiations.models": (
        "negotiations.recorders",
        "negotiations.tasks",
        "negotiations.forms",
        "negotiations.views",
    ),
    "negotiations.recorders": ("negotiations.tasks", "negotiations.forms", "negotiations.views"),
    "negotiations.tasks": ("negotiations.forms", "negotiations.views"),
    "negotiations.forms": ("negotiations.tasks", "negotiations.recorders", "negotiations.views"),
    "negotiations.views": ("negotiations.tasks", "negotiations.recorders"),
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Full names of what a file imports, wherever the import stands, but for those that only types need."""
    for node in _running(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _running(child)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def left_in_memory(statements: str) -> set[str]:
    """Top packages that a fresh interpreter holds after these statements."""
    code = f"{statements}\nimport json, sys; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    app = path.relative_to(ROOT).parts[0]
    above = APPS[: APPS.index(app)] if app in APPS else ()
    for name in imports_of(path):
        assert not any(is_in(name, other) for other in above), f"{name_of(path)} imports {name}"
        assert not is_in(name, "tests")


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_inside_negotiations_pages_tasks_and_models_keep_their_order(path: Path) -> None:
    for package, above in BELOW.items():
        if is_in(name_of(path), package):
            for name in imports_of(path):
                assert not any(is_in(name, other) for other in above), f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_negmas_is_imported_in_the_engine_only(path: Path) -> None:
    if ENGINE not in path.parents:
        assert not {name.split(".")[0] for name in imports_of(path)} & NEGMAS


@pytest.mark.parametrize("path", sorted(ENGINE.glob("*.py")), ids=name_of)
def test_the_engine_imports_nothing_of_the_product(path: Path) -> None:
    for name in imports_of(path):
        assert not is_in(name, "django")
        assert is_in(name, "negotiations.engine") or not is_in(name.split(".")[0], "negotiations")


def test_importing_the_whole_engine_leaves_django_out() -> None:
    loaded = left_in_memory("\n".join(f"import {module}" for module in ENGINE_MODULES))
    assert "negmas" in loaded
    assert "django" not in loaded


def test_a_web_process_never_loads_negmas() -> None:
    """It would cost each two seconds and 130 MB."""
    views = [
        name_of(path) for path in SOURCES if ".views" in name_of(path) or name_of(path).endswith(".urls")
    ]
    loaded = left_in_memory("import config.wsgi\n" + "\n".join(f"import {name}" for name in views))
    assert "django" in loaded
    assert not loaded & NEGMAS


def test_ruff_holds_negmas_back_too() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert set(ruff["flake8-tidy-imports"]["banned-api"]) == NEGMAS
    exempt = {where for where, codes in ruff["per-file-ignores"].items() if "TID251" in codes}
    assert exempt == {"negotiations/engine/**", "tests/engine/**"}
    source = "from __future__ import annotations\n\nfrom negmas import SAOMechanism\n\nprint(SAOMechanism)\n"
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", "negotiations/views/x.py", "-"]
    done = subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=False)
    assert "TID251" in done.stdout
