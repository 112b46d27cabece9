"""What goes on meanwhile, on standard error: nobody should think that it hangs."""

import sys
from datetime import datetime


def tell(what: str) -> None:
    sys.stderr.write(f"{datetime.now().astimezone():%H:%M:%S} {what}\n")
    sys.stderr.flush()
