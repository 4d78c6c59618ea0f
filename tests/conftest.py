"""Executed twins run by nbval, in the pages' own surroundings, and compared with numbers as numbers."""

from nbval.plugin import IPyNbCell, IPyNbFile

import comparison
import kernels
import order
import surroundings

# these run in environments of their own
collect_ignore = [f"peers/{name}_worker.py" for name in ("qmeq", "quspin", "treams")]
DRAWN = ("application/pdf", "image/jpeg", "image/png", "image/svg+xml")


CLAIM = "application/vnd.lowdim.claim+json"


def pytest_addoption(parser):
    parser.addoption("--claims", metavar="FOLDER", help="keep what became of the twins, and their claims")
    parser.addoption("--store-seconds", action="store_true", help="store how long each file of tests took")


def pytest_configure(config):
    config.option.nbval = False  # the plugin would collect every notebook a second time
    config.option.nbval_current_env = True
    config.option.nbval_sanitize_with = str(config.rootpath / "tests" / "notebooks" / "sanitize.cfg")
    if config.option.store_seconds and not hasattr(config, "workerinput"):
        config.pluginmanager.register(order.Stopwatch())


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):
        order.long_first(items, order.stored())


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".ipynb":
        return Twin.from_parent(parent, path=file_path)


class Twin(IPyNbFile):
    """A notebook whose cells are run and compared."""

    claims = ()
    right = 0

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.compare_outputs = True
        self.skip_compare += DRAWN

    def setup(self):
        with surroundings.clean():
            super().setup()

    def teardown(self):
        super().teardown()
        if self.config.option.claims:
            kernels.keep(self.path, self.right == len(self.cells), self.claims, self.config.option.claims)

    def collect(self):
        self.cells = list(super().collect())
        for cell in self.cells:
            yield TwinCell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )


class TwinCell(IPyNbCell):
    """A cell whose outputs agree with the twin's if they say the same."""

    def runtest(self):
        super().runtest()
        self.parent.right += 1

    def compare_outputs(self, test, ref, skip_compare=None):
        found = (output.get("data", {}).get(CLAIM) for output in test)
        self.parent.claims = [*self.parent.claims, *filter(None, found)]
        if len(test) == len(ref):
            pairs = zip(self.sanitize_outputs(test), self.sanitize_outputs(ref), strict=True)
            test, ref = zip(*(self.settle(*pair) for pair in pairs), strict=True) if test else ((), ())
        return super().compare_outputs(list(test), list(ref), skip_compare)

    def settle(self, new, old):
        """Both outputs, the first with the values of the second wherever they say the same."""
        for outputs in ((new, old), (new.get("data", {}), old.get("data", {}))):
            self.settle_values(*outputs)
        return new, old

    @staticmethod
    def settle_values(new, old):
        for key in set(new) & set(old) - {"data"}:
            if comparison.same_value(new[key], old[key]):
                new[key] = old[key]
            if key not in ("output_type", "metadata", "execution_count"):
                new[key], old[key] = comparison.readable(new[key]), comparison.readable(old[key])
