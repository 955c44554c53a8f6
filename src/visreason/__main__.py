"""`python -m visreason` is `visreason`."""

import sys

from visreason.cli.main import main

sys.exit(main())
