"""What stored data says of its making."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version


def provenance(inputs, command="make data", **more):
    """Record of the code, its versions, the command, the date and the inputs; `more` entries come last.

    >>> record = provenance({"seed": 1}, rounding=6)
    >>> record["command"], record["inputs"], record["rounding"]
    ('make data', {'seed': 1}, 6)
    """
    versions = {name: version(name) for name in ("numpy", "scipy")}
    return {
        "code": f"lowdim {version('lowdim')}",
        **versions,
        "python": platform.python_version(),
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "inputs": inputs,
        **more,
    }
