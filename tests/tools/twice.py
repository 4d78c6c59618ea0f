"""Build the book twice from one cache and compare every file: `make test-twice`."""

import filecmp
import shutil
import sys

import book
import pages


def differences(one, two):
    """Names of the files that two folders do not share byte by byte."""
    names = {str(p.relative_to(folder)) for folder in (one, two) for p in folder.rglob("*") if p.is_file()}
    _, different, missing = filecmp.cmpfiles(one, two, names, shallow=False)
    return sorted(different + missing)


def main(root=pages.ROOT):
    folder, first = root / "_build" / "html", root / "_build" / "html-first"
    book.main(root)
    shutil.rmtree(first, ignore_errors=True)
    folder.rename(first)
    book.main(root)
    different = differences(first, folder)
    shutil.rmtree(first)
    for name in different:
        print(f"differs: {name}")
    if different:
        sys.exit("Two builds from the same outputs give different files.")
    print("Two builds from the same outputs give the same files.")


if __name__ == "__main__":
    pages.stop_at_interruption(main, "`make test-twice`")
