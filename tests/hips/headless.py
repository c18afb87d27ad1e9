"""How does a script with pictures run where there is no screen, and end when enough was printed?

    python headless.py SCRIPT LINES

runs the script as it is, with matplotlib's Agg canvas and without pauses, with numpy.random seeded, in the current folder, and
stops it after LINES lines of output (0: never). Nothing of the script is changed.

Read next: `published.py`.
"""

import io
import runpy
import sys
import time
import warnings

import numpy as np


class Enough(BaseException):
    """As many lines were printed as somebody wants to see."""


class Counted(io.TextIOBase):
    """A stream that raises `Enough` at the end of a line."""

    def __init__(self, stream, lines):
        self.stream, self.left = stream, lines

    def write(self, text):
        self.stream.write(text)
        if self.left:
            self.left -= text.count("\n")
            if self.left <= 0:
                raise Enough
        return len(text)

    def flush(self):
        self.stream.flush()


def main(script, lines):
    warnings.simplefilter("ignore")
    try:
        import matplotlib
        import matplotlib.pyplot
    except ImportError:
        pass
    else:
        matplotlib.use("Agg")
        for name in ("pause", "show", "draw"):
            setattr(matplotlib.pyplot, name, lambda *args, **kwargs: None)
    np.random.seed(0)
    sys.path.insert(0, script.rpartition("/")[0])
    sys.argv = [script]
    out, start = sys.stdout, time.perf_counter()
    sys.stdout = Counted(out, lines)
    try:
        runpy.run_path(script, run_name="__main__")
    except Enough:
        pass
    finally:
        sys.stdout = out
        print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
