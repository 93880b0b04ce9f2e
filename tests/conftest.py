"""What Lambda sets before it imports a function, and how properties are searched."""

import os

from hypothesis import settings

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "tillbridge")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Tillbridge")

settings.register_profile("tillbridge", deadline=None, print_blob=True)
settings.load_profile("tillbridge")
