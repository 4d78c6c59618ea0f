"""Install Debian packages whose commands are missing, where this machine lets us.

    python tests/tools/debian.py elk-lapw gpaw gpaw-data

Only root may install, and only where there is apt-get. Otherwise, or where a package is not to be had, the
script says so and ends well: the tests that need it skip.
"""

import os
import shutil
import subprocess
import sys


def is_installed(package):
    """Whether dpkg has it."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    try:
        done = subprocess.run(query, capture_output=True, text=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0 and done.stdout == "installed"


def may_install():
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages):
    """Install those that are missing, one by one; return those that are still missing."""
    missing = [package for package in packages if not is_installed(package)]
    if missing and may_install():
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq"]
        subprocess.run([*apt, "update"], env=environment)
        for package in missing:
            subprocess.run([*apt, "install", "-y", "--no-install-recommends", package], env=environment)
    return [package for package in missing if not is_installed(package)]


if __name__ == "__main__":
    left = install(sys.argv[1:])
    if left:
        print(f"Not installed: {' '.join(left)} (as root: apt install {' '.join(left)}).", flush=True)
