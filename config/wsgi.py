from __future__ import annotations

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Needs the models, so not before they are loaded; and here alone, since only web processes answer polls.
from notifications import meter  # noqa: E402

meter.start()

# Each query lets another thread run and waits for its turn again. With Python's own 5 ms a turn a page of seven
# queries waits 35 ms beside a busy thread; docs/operations.md has what polls wait.
sys.setswitchinterval(0.0005)
