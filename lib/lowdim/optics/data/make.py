"""Make the stored data of the optics of the Wigner-crystal chapter; one script per file."""

import importlib.util
from pathlib import Path

HERE = Path(__file__).parent


def main():
    for path in sorted(HERE.glob("make_*.py")):
        print(f"== {path.name}", flush=True)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.main()


if __name__ == "__main__":
    main()
