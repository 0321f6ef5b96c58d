"""Pack the ECB's history of reference rates (eurofxref-hist.csv, or the zip it comes in) into the package's data file.

    python scripts/pack_reference_rates.py eurofxref-hist.zip

The ECB publishes the file at https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src/vestry/market/data/ecb_reference_rates.txt.gz"
HEADER = (
    "# Euro foreign exchange reference rates: units of each currency for one euro. Source: European Central Bank.\n"
)


def packed(text: str) -> str:
    """A line of days, then a line a currency with a rate for each of them; an empty one where none was published."""
    names, *rows = [row for row in csv.reader(io.StringIO(text)) if row]
    rows.sort(key=lambda row: row[0])
    lines = [" ".join(["days", *(row[0] for row in rows)])]
    for name, place in sorted((name.strip(), place) for place, name in enumerate(names) if place and name.strip()):
        values = ["" if row[place].strip() in ("", "N/A") else row[place].strip() for row in rows]
        lines.append(" ".join([name, *values]))
    return HEADER + "\n".join(lines) + "\n"


def main() -> None:
    given = Path(sys.argv[1])
    if given.suffix == ".zip":
        with zipfile.ZipFile(given) as archive:
            text = archive.read(archive.namelist()[0]).decode()
    else:
        text = given.read_text()
    TARGET.write_bytes(gzip.compress(packed(text).encode(), 9, mtime=0))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
