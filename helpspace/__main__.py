"""The command line: `helpspace …` and `python -m helpspace …`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpspace import collecting

if TYPE_CHECKING:
    from helpspace.core.clock import Clock


def main(
    argv: Sequence[str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or failed, 2 wrong usage.

    No stack trace reaches a user unless `--debug` asks for it.
    """
    collecting.rarely()
    try:
        from helpspace.cli.run import run

        code = run(sys.argv[1:] if argv is None else list(argv), environment, clock)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`): nothing more to say, also at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        # The answer could not be written, as on a full disk.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stderr.write(f"helpspace: The answer could not be written: {error.strerror}. ")
        sys.stderr.write("Make room and ask again; what was done stays done.\n")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
