#!/usr/bin/env python3
"""Report top-level shapes outside the slide, shapes without area, and repeated shape ids."""
import argparse
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def problems(root, width, height):
    seen = set()
    for node in root.iter(P + "cNvPr"):
        if node.get("id") in seen:
            yield f"id {node.get('id')} used twice ({node.get('name')})"
        seen.add(node.get("id"))
    for shape in root.find(f"{P}cSld/{P}spTree"):
        xfrm = shape.find(P + "xfrm")
        if xfrm is None:
            xfrm = shape.find(f"{P}spPr/{A}xfrm")
        if xfrm is None:
            xfrm = shape.find(f"{P}grpSpPr/{A}xfrm")
        if xfrm is None or xfrm.find(A + "off") is None:
            continue
        name = shape.find(f".//{P}cNvPr").get("name")
        x, y = (int(xfrm.find(A + "off").get(k)) for k in "xy")
        w, h = (int(xfrm.find(A + "ext").get(k)) for k in ("cx", "cy"))
        if x < 0 or y < 0 or x + w > width or y + h > height:
            yield f"'{name}' leaves the slide ({x},{y} {w}x{h})"
        if w == 0 and h == 0:
            yield f"'{name}' has no size"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    found = 0
    with zipfile.ZipFile(args.file) as archive:
        size = ET.fromstring(archive.read("ppt/presentation.xml")).find(P + "sldSz")
        for name in sorted(archive.namelist()):
            if re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
                for text in problems(ET.fromstring(archive.read(name)), int(size.get("cx")), int(size.get("cy"))):
                    print(f"{name}: {text}")
                    found += 1
    print(f"{found} found")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
