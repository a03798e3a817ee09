#!/usr/bin/env python3
"""Find error values, broken references, links to other files and formulas without a stored value."""
import argparse
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHECKS = ((r"#REF!", "reference lost"), (r"\[\d+\]", "link to another workbook"),
          (r"\b(OFFSET|INDIRECT)\(", "volatile, hard to trace"), (r"\bVLOOKUP\([^()]*,[^(),]*,[^(),]*\)", "VLOOKUP without exact match"),
          (r"(?<![A-Z$\d.])\d{3,}(\.\d+)?(?![\d:!])", "number typed into the formula"))


def findings(cell):
    f, v = cell.find(M + "f"), cell.find(M + "v")
    if cell.get("t") == "e":
        yield f"shows {v.text if v is not None else 'an error'}"
    if f is not None:
        text = re.sub(r'"[^"]*"', '""', f.text or "")
        for pattern, meaning in CHECKS:
            if re.search(pattern, text):
                yield f"{meaning}: ={f.text}"
        if v is None:
            yield "no stored value; recalculate"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    count = 0
    with zipfile.ZipFile(args.file) as archive:
        for name in sorted(archive.namelist()):
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
                for cell in ET.fromstring(archive.read(name)).iter(M + "c"):
                    for text in findings(cell):
                        print(f"{name.split('/')[-1]} {cell.get('r')}: {text}")
                        count += 1
    print(f"{count} found")
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
