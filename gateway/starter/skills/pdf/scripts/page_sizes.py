#!/usr/bin/env python3
"""List the different page boxes of a PDF in points and millimetres (uncompressed objects only)."""
import argparse
import collections
import re

NUMBER = rb"\s*(-?\d*\.?\d+)"
BOX = re.compile(rb"/(MediaBox|CropBox|TrimBox)\s*\[" + NUMBER * 4 + rb"\s*\]")
KNOWN = {(595, 842): "A4", (842, 595): "A4 landscape", (612, 792): "Letter", (420, 595): "A5", (842, 1191): "A3"}


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with open(args.file, "rb") as handle:
        data = handle.read()
    seen = collections.Counter()
    for m in BOX.finditer(data):
        x0, y0, x1, y1 = (float(v) for v in m.groups()[1:])
        seen[(m[1].decode(), abs(x1 - x0), abs(y1 - y0))] += 1
    for (box, w, h), count in seen.most_common():
        name = KNOWN.get((round(w), round(h)), "")
        print(f"{count:4} x {box:8} {w:8.2f} x {h:8.2f} pt  {w * 25.4 / 72:7.1f} x {h * 25.4 / 72:7.1f} mm  {name}")
    if not seen:
        print("no box found; expand the file first: qpdf --qdf --object-streams=disable in.pdf out.pdf")


if __name__ == "__main__":
    main()
