# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Show on a terminal that work goes on, once it has taken two seconds; elsewhere show nothing."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

AFTER_SECONDS = 2.0


@contextlib.contextmanager
def progress(
    words: str, total: int | None = None, *, after: float = AFTER_SECONDS
) -> Iterator[Callable[[int], None]]:
    """Run the body with a bar on standard error; yields what counts steps, from whichever thread.

    Without `total` the bar says that there is an end, not where. It is gone when the body ends.
    """
    if not sys.stderr.isatty():
        yield lambda _steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(words, total=total)
    begin = threading.Timer(after, bar.start)
    begin.daemon = True
    begin.start()
    try:
        yield lambda steps: bar.advance(task, steps)
    finally:
        begin.cancel()
        begin.join()
        bar.stop()
