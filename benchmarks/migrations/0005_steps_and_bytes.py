from django.db import migrations, models
from django.db.models import Sum
from django.db.models.functions import Length


def count(apps, schema_editor):
    """Of what is over already."""
    benchmarks = apps.get_model("benchmarks", "Benchmark").objects
    matches = apps.get_model("benchmarks", "Match").objects.exclude(finished_seq=None)
    transcripts = apps.get_model("benchmarks", "MatchTranscript").objects
    for key in list(benchmarks.values_list("pk", flat=True)):
        n_steps = matches.filter(benchmark=key).aggregate(n=Sum("steps"))["n"] or 0
        n_bytes = transcripts.filter(match__benchmark=key).aggregate(n=Sum(Length("actions")))["n"] or 0
        benchmarks.filter(pk=key).update(n_steps=n_steps, n_bytes=n_bytes)


class Migration(migrations.Migration):
    dependencies = [
        ("benchmarks", "0004_list_scenarios_of_grids"),
    ]

    operations = [
        migrations.AddField(
            model_name="benchmark",
            name="n_steps",
            field=models.PositiveBigIntegerField(default=0, help_text="Of all matches that are over."),
        ),
        migrations.AddField(
            model_name='benchmark',
            name='n_bytes',
            field=models.PositiveBigIntegerField(default=0, help_text='Of the actions that are kept.'),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
