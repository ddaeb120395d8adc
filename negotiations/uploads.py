"""The door for files: what is too large is refused by its announced length, before a byte of it is stored."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

# Boundaries, names and the other fields of the form.
AROUND_THE_FILES = 256 * 1024


class CappedUploadHandler(TemporaryFileUploadHandler):
    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > settings.UPLOAD_MB * 1024 * 1024 + AROUND_THE_FILES:
            raise RequestDataTooBig(f"An upload of {content_length} bytes was refused.")
