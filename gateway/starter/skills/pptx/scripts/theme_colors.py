#!/usr/bin/env python3
"""Show the colours and fonts of each theme and count literal colours on the slides."""
import argparse
import collections
import re
import xml.etree.ElementTree as ET
import zipfile

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    literal = collections.Counter()
    with zipfile.ZipFile(args.file) as archive:
        for name in sorted(archive.namelist()):
            if re.fullmatch(r"ppt/theme/theme\d+\.xml", name):
                root = ET.fromstring(archive.read(name))
                print(f"{name} ({root.get('name')})")
                for slot in root.find(f".//{A}clrScheme"):
                    color = slot[0]
                    print(f"  {slot.tag.replace(A, ''):9} {color.get('lastClr') or color.get('val')}")
                for kind in ("majorFont", "minorFont"):
                    print(f"  {kind} {root.find(f'.//{A}{kind}/{A}latin').get('typeface')}")
            elif re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
                root = ET.fromstring(archive.read(name))
                literal.update(c.get("val").upper() for c in root.iter(A + "srgbClr"))
    for value, count in literal.most_common():
        print(f"literal {value}: {count} times")


if __name__ == "__main__":
    main()
