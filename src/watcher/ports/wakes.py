"""What wakes a consumer when there is something new, so that it need not look all the time."""

from __future__ import annotations

from typing import Protocol


class Wakes(Protocol):
    """Waits for news: of the log, or of the outbox.

    A wake says only that it is worth looking; what there is, is found by a checkpoint. One may come
    for nothing, and several changes may come as one; but none that was committed after this was
    made is passed over, whether the server restarts meanwhile or not.
    """

    def wait(self, seconds: float) -> bool:
        """Return once there is something new, at the latest after `seconds`; whether there is.

        Of one `Wakes` only one thread may wait.
        """
        ...

    def close(self) -> None:
        """Let go of what it holds; whoever waits is woken."""
        ...
