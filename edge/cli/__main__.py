"""``python -m edge.cli``: the same as ``doorwatch``, for the processes that it starts itself."""

import sys

from edge.cli.main import main

sys.exit(main())
