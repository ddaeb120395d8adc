"""Who may import whom: one way only, NegMAS in the engine alone, and the engine without Django."""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("benchmarks", "negotiations", "notifications", "api")
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
    "negotiations.api": ("negotiations.tasks", "negotiations.recorders"),
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Full names of what a file imports, wherever the import stands, but for those that only types need."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
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


def test_imports_run_one_way() -> None:
    for path in SOURCES:
        app = path.relative_to(ROOT).parts[0]
        above = APPS[: APPS.index(app)] if app in APPS else ()
        for name in imports_of(path):
            assert not any(is_in(name, other) for other in (*above, "tests")), (
                f"{name_of(path)} imports {name}"
            )


def test_inside_negotiations_pages_tasks_and_models_keep_their_order() -> None:
    for package, above in BELOW.items():
        for path in SOURCES:
            for name in imports_of(path) if is_in(name_of(path), package) else ():
                assert not any(is_in(name, other) for other in above), f"{name_of(path)} imports {name}"


def test_negmas_is_imported_in_the_engine_only() -> None:
    for path in SOURCES:
        if ENGINE not in path.parents:
            assert not {name.split(".")[0] for name in imports_of(path)} & NEGMAS, name_of(path)


def test_the_engine_imports_nothing_of_the_product() -> None:
    for path in ENGINE.glob("*.py"):
        for name in imports_of(path):
            product = is_in(name, "negotiations") and not is_in(name, "negotiations.engine")
            assert not product, f"{name_of(path)} imports {name}"
            assert not is_in(name, "django"), f"{name_of(path)} imports {name}"


def test_importing_the_whole_engine_leaves_django_out() -> None:
    loaded = left_in_memory("\n".join(f"import {module}" for module in ENGINE_MODULES))
    assert "negmas" in loaded
    assert "django" not in loaded


def test_a_web_process_never_loads_negmas() -> None:
    """It would cost each two seconds and 130 MB."""
    asked = (".views", ".urls", ".api")
    views = [name_of(path) for path in SOURCES if any(part in name_of(path) for part in asked)]
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
