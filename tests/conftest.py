"""What Lambda sets before it imports a function; everything else is set up by the tests themselves."""

import os

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "tillbridge")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Tillbridge")
