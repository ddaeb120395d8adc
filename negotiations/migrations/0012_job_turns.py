import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def wait_since_they_were_made(apps, schema_editor):
    apps.get_model("negotiations", "Job").objects.update(turn_at=F("created_at"))


class Migration(migrations.Migration):

    dependencies = [("negotiations", "0011_job_kinds")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="turn_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="Its place among those that wait: who gives way to others waits anew.",
            ),
        ),
        migrations.RunPython(wait_since_they_were_made, migrations.RunPython.noop),
    ]
