"""How a process ends: when it is told to, or when what it would write became wrong."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from watcher.errors import IntegrityError, OperationalError, StoppingError


class Stop:
    """Tells every thread that the service ends; also the sleeper that politeness waits by."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.failure: BaseException | None = None

    def __call__(self, seconds: float) -> None:
        """Wait for `seconds`, or raise at once when the service ends meanwhile.

        Raises:
            StoppingError: The service ends; a request must not go out before its turn.
        """
        if self._event.wait(seconds):
            message = "the service is stopping"
            raise StoppingError(message)

    def set(self, failure: BaseException | None = None) -> None:
        """End the service; with a failure, for that reason."""
        self.failure = self.failure or failure
        self._event.set()

    def is_set(self) -> bool:
        """Return whether the service ends."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Return after `seconds`, or at once when the service is to end; tell whether it is."""
        return self._event.wait(seconds)


@dataclass(frozen=True, slots=True)
class Guarded:
    """Runs steps with the three fates of errors: carry on, or end the process.

    Attributes:
        stop: Ends the process where the history would become wrong.
        log: Where failures are told.
        saw: Is told of each: a disk may be full.
    """

    stop: Stop
    log: logging.Logger
    saw: Callable[[Exception], None]

    def __call__(self, step: Callable[[], object]) -> Callable[[], bool]:
        """Return `step`, which then answers whether it went as it should."""

        def guarded() -> bool:
            try:
                step()
            except StoppingError:
                pass
            except OperationalError as error:
                self.saw(error)
                self.log.warning("%s", error)
            except IntegrityError as error:
                self.log.exception("the history would become wrong: stopping")
                self.stop.set(error)
            except Exception as error:  # one bad target must not end the watch over the others
                self.saw(error)
                self.log.exception("unforeseen; carrying on with the next")
            else:
                return True
            return False

        return guarded
