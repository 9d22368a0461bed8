"""``python -m sync.hub.cli``: the same as ``doorwatch-hub``."""

import sys

from sync.hub.cli.main import main

sys.exit(main())
