"""The surroundings in which pages run: this environment's own Python, and no settings of the user's.

What a user sets for other notebooks (another kernel, a plotting backend, a path for imports, start-up
scripts) must not reach the pages: jupyter-cache would keep the outputs that it spoiled.
"""

import importlib.util
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

PREFIXES = ("IPYTHON", "JUPYTER", "MATPLOTLIB", "MPL", "PYTHON", "SCIPY_", "SYMPY_", "TQDM_")
NAMES = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR")


class OwnKernels(KernelSpecManager):
    """Every name of a kernel means the Python that runs this."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class OwnKernel(AsyncKernelManager):
    """Manager of a kernel in this Python; `peaks` tells how much memory each kernel took before it ended."""

    peaks = []

    @default("kernel_spec_manager")
    def _own_kernels(self):
        return OwnKernels(parent=self)

    async def shutdown_kernel(self, now=False, restart=False):
        self.peaks.append(peak_memory(self.provisioner.pid))
        await super().shutdown_kernel(now, restart)


def peak_memory(process):
    """Most memory that a process has held at one time, in MB; None on another system than Linux."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    kilobytes = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    return None if kilobytes is None else kilobytes / 1024


def kernel_environment(environ, profile):
    """The variables of `environ` less those that change what a page does; `profile` is IPython's folder."""
    kept = {k: v for k, v in environ.items() if not k.startswith(PREFIXES) and k not in NAMES}
    package = Path(importlib.util.find_spec("matplotlib").origin).parent
    return kept | {
        "IPYTHONDIR": str(profile),
        "MATPLOTLIBRC": str(package / "mpl-data" / "matplotlibrc"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
    }


@contextmanager
def clean():
    """Within this context the environment is that of the pages' kernels, and children inherit it."""
    former = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="ipython-", ignore_cleanup_errors=True) as profile:
        wanted = kernel_environment(former, profile)
        os.environ.clear()
        os.environ.update(wanted)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(former)
