"""`python -m tillbridge_agent` is the same as `tillbridge-agent`."""

from tillbridge_agent.cli import main

raise SystemExit(main())
