from django.db import migrations


def list_scenarios(apps, schema_editor):
    """What stood under the number of a scenario stands in its place."""
    for board in apps.get_model("benchmarks", "Leaderboard").objects.iterator(chunk_size=20):
        told = board.data.get("grid", {}).get("scenarios")
        if isinstance(told, dict):
            last = max(map(int, told), default=-1)
            board.data["grid"]["scenarios"] = [told.get(str(number)) for number in range(last + 1)]
            board.save(update_fields=["data"])


class Migration(migrations.Migration):

    dependencies = [
        ('benchmarks', '0003_deletions'),
    ]

    operations = [
        migrations.RunPython(list_scenarios, migrations.RunPython.noop),
    ]
