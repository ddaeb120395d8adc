"""Which files of installed packages are served: just those that the pages ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django_include_bootstrap
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

BOOTSTRAP = Path(django_include_bootstrap.__file__).parent / "static" / "css"

# Found and not imported: that would cost each process some ten megabytes for the sake of a path.
PLOTLY = Path(getattr(find_spec("plotly"), "origin", None) or "").parent / "package_data"

# The source map is listed because the stylesheet refers to it, and the manifest follows every reference.
FILES = {
    "vendor/bootstrap.min.css": BOOTSTRAP / "bootstrap.min.css",
    "vendor/bootstrap.min.css.map": BOOTSTRAP / "bootstrap.min.css.map",
    # Only pages with charts ask for it, once, when a reader touches one.
    "vendor/plotly.min.js": PLOTLY / "plotly.min.js",
}


class VendorStorage(FileSystemStorage):
    """One folder of a package; `prefix` is where its files appear below the static URL."""

    prefix = "vendor"


class VendorFinder(BaseFinder):
    """Finds the files of `FILES` and no others: a whole package would bring thousands."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = str(FILES[path]) if path in FILES else None
        return ([found] if found else []) if find_all else (found or [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for path in FILES.values():
            yield path.name, VendorStorage(location=path.parent)
