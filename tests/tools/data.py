"""Run one script that makes stored data: on this machine, or on a cluster.

    python tests/tools/data.py [--cluster ADDRESS] SCRIPT

The address is that of a dask scheduler whose workers run in this environment. Every sweep goes through
joblib, so that `joblib.parallel_config` moves it. The results are stored here.
"""

import argparse
import contextlib
import runpy
import sys
from pathlib import Path

import joblib


@contextlib.contextmanager
def on(address):
    """Within this context the sweeps run on the cluster with that address."""
    from dask.distributed import Client

    with Client(address), joblib.parallel_config("dask"):
        yield


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cluster", metavar="ADDRESS", help="of a dask scheduler, e.g. tcp://10.0.0.1:8786")
    parser.add_argument("script")
    arguments = parser.parse_args()
    # in full, since a script starts others beside it from folders of their own
    script = str(Path(arguments.script).resolve())
    sys.argv = [script]
    with on(arguments.cluster) if arguments.cluster else contextlib.nullcontext():
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
