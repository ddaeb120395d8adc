"""The upload of results that ran elsewhere."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import UploadedFile

from benchmarks.models import Benchmark, ResultsUpload


class ResultsImportForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="A zip of the folder that NegMAS's cartesian_tournament wrote, its details.csv or details.parquet alone, "
        "or a log with lines such as Task NAME completed successfully, Result: PASS, Score: 0.75.",
        error_messages={
            "required": "No file was sent. Choose a zip, a table or a log.",
            "empty": "The file is empty. Choose one with results in it.",
        },
    )
    name = forms.CharField(
        max_length=120, required=False, help_text="What the benchmark is called; without it, as the file is."
    )
    group = forms.ModelChoiceField(
        Group.objects.none(), required=False, label="Share with", empty_label="Nobody: only I see it"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = user.groups.all()  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MB * 2**20:
            raise forms.ValidationError(
                f"The file is larger than {settings.UPLOAD_MB} MB, which is the most that is read at once. Leave out "
                "the folders of plots and negotiations, which are not read."
            )
        return file

    def start(self, owner: User) -> Benchmark:
        """Raises TooMuch."""
        kept = self.cleaned_data
        return ResultsUpload.objects.start(
            owner=owner,
            group=kept["group"],
            name=kept["name"] or named_after(str(kept["file"].name)),
            filename=str(kept["file"].name),
            content=kept["file"].read(),
        )


def named_after(filename: str) -> str:
    """What a benchmark is called that comes out of this file."""
    return PurePosixPath(filename.replace("\0", "")).stem[:120] or "Imported results"
