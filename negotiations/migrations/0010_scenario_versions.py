import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('negotiations', '0009_scenario_analyses'),
    ]

    operations = [
        migrations.AddField(
            model_name='scenario',
            name='version_of',
            field=models.ForeignKey(blank=True, help_text='What it was edited from.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='versions', to='negotiations.scenario'),
        ),
    ]
