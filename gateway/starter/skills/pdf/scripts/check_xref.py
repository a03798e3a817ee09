#!/usr/bin/env python3
"""Check the classic cross-reference table of a PDF: does each offset lead to its object?"""
import argparse
import re
import sys


def tables(data):
    """Yield the position of each table, newest first, following /Prev."""
    found = re.findall(rb"startxref\s+(\d+)", data)
    pos, seen = (int(found[-1]) if found else None), set()
    while pos is not None and pos not in seen:
        seen.add(pos)
        yield pos
        trailer = data.find(b"trailer", pos)
        end = data.find(b"startxref", trailer)
        prev = re.search(rb"/Prev\s+(\d+)", data[trailer:end]) if trailer >= 0 else None
        pos = int(prev[1]) if prev else None


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with open(args.file, "rb") as handle:
        data = handle.read()
    bad = good = 0
    if b"%%EOF" not in data[-1024:]:
        print("no %%EOF at the end: truncated?")
        bad += 1
    for pos in tables(data):
        if not data[pos:pos + 4] == b"xref":
            print(f"offset {pos}: no classic table (a stream, or damage)")
            continue
        body = data[pos + 4:data.find(b"trailer", pos)].split()
        i = 0
        while i + 1 < len(body):
            first, count = int(body[i]), int(body[i + 1])
            for k in range(count):
                offset, generation, kind = body[i + 2 + 3 * k:i + 5 + 3 * k]
                if kind == b"n":
                    ok = re.match(rb"\s*%d\s+%d\s+obj" % (first + k, int(generation)), data[int(offset):int(offset) + 40])
                    good, bad = good + bool(ok), bad + (not ok)
                    if not ok:
                        print(f"object {first + k}: nothing at {int(offset)}")
            i += 2 + 3 * count
    print(f"{good} good, {bad} bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
