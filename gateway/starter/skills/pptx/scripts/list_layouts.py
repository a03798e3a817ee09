#!/usr/bin/env python3
"""List the layouts of a deck with their placeholders (type, idx, position in cm)."""
import argparse
import re
import xml.etree.ElementTree as ET
import zipfile

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def frame(sp):
    off, ext = sp.find(f"{P}spPr/{A}xfrm/{A}off"), sp.find(f"{P}spPr/{A}xfrm/{A}ext")
    if off is None or ext is None:
        return "from the master"
    x, y, w, h = (int(v) / 360000 for v in (off.get("x"), off.get("y"), ext.get("cx"), ext.get("cy")))
    return f"at {x:.1f}/{y:.1f}, size {w:.1f} x {h:.1f}"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    pattern = re.compile(r"ppt/slideLayouts/slideLayout(\d+)\.xml")
    with zipfile.ZipFile(args.file) as archive:
        found = sorted((int(m[1]), m[0]) for m in map(pattern.fullmatch, archive.namelist()) if m)
        for number, name in found:
            root = ET.fromstring(archive.read(name))
            print(f"{number:3} {root.find(P + 'cSld').get('name')} (type {root.get('type', 'cust')})")
            for sp in root.iter(P + "sp"):
                ph = sp.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
                if ph is not None:
                    print(f"      {ph.get('type', 'obj'):9} idx {ph.get('idx', '0'):4} {frame(sp)}")


if __name__ == "__main__":
    main()
