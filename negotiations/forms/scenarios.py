"""Forms of the library: the filters of its lists and the upload of scenarios."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import UploadedFile

from negotiations.models.scenarios import ScenarioImport

MEGABYTE = 1024 * 1024
MOST_LOOSE_FILES = 50


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        one_by_one = data if isinstance(data, list) else [data] if data else []
        if not one_by_one:
            return super().clean(None, initial)
        return [forms.FileField.clean(self, file, initial) for file in one_by_one]


class ScenarioUploadForm(forms.Form):
    """A zip of scenarios, or the loose files of one scenario; `archive` is the zip that is kept for the worker."""

    documents = ManyFilesField(
        label="Files",
        help_text="One zip with any number of scenarios in folders; or all files of one scenario, the domain and a "
        "preference profile for each party; or YAML files that each hold a whole scenario.",
        error_messages={"required": "No file was sent. Choose a zip, or the files of one scenario."},
    )
    tags = forms.CharField(
        required=False, max_length=200, help_text="Words to find these scenarios by, with commas between."
    )
    group = forms.ModelChoiceField(
        Group.objects.none(), required=False, label="Share with", empty_label="Nobody: only I see them"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = user.groups.all()  # type: ignore[attr-defined]

    def clean_documents(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["documents"]
        if sum(file.size or 0 for file in files) > settings.UPLOAD_MB * MEGABYTE:
            raise forms.ValidationError(
                f"Together these files are larger than {settings.UPLOAD_MB} MB, which is the most that is "
                "read at once. Upload them in several parts."
            )
        if any("\0" in (file.name or "") for file in files):
            raise forms.ValidationError("A file name holds a NUL character. Rename the file.")
        self._refuse_what_cannot_be_one_scenario(files)
        return files

    def _refuse_what_cannot_be_one_scenario(self, files: list[UploadedFile[Any]]) -> None:
        names = [file.name for file in files]
        if len(files) > 1 and any(is_zip(file) for file in files):
            raise forms.ValidationError("Upload one zip by itself, without other files beside it.")
        if len(set(names)) < len(names):
            raise forms.ValidationError(
                "Two files have the same name. Put the scenarios into folders of a zip."
            )
        if len(files) > MOST_LOOSE_FILES:
            raise forms.ValidationError(f"More than {MOST_LOOSE_FILES} files. Put them into a zip.")

    def clean_tags(self) -> list[str]:
        words = (word.strip() for word in self.cleaned_data["tags"].split(","))
        return list(dict.fromkeys(word for word in words if word))

    @property
    def filename(self) -> str:
        first, *others = self.cleaned_data["documents"]
        return f"{first.name} and {len(others)} more" if others else str(first.name)

    def start(self, owner: User) -> ScenarioImport:
        kept = self.cleaned_data
        return ScenarioImport.objects.start(
            owner=owner,
            group=kept["group"],
            filename=self.filename,
            archive=self.archive(),
            tags=kept["tags"],
        )

    def archive(self) -> bytes:
        """The upload as one zip, whichever way it came."""
        files = self.cleaned_data["documents"]
        if is_zip(files[0]):
            content: bytes = files[0].read()
            return content
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.writestr(str(file.name), file.read())
        return packed.getvalue()


def is_zip(file: UploadedFile[Any]) -> bool:
    """By its first bytes, as the name is the sender's choice."""
    file.seek(0)
    found = file.read(4)
    file.seek(0)
    return found in (b"PK\x03\x04", b"PK\x05\x06")
