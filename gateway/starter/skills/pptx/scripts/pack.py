#!/usr/bin/env python3
"""Pack a directory made by unpack.py into a .pptx file."""
import argparse
import sys
import xml.dom.minidom
import zipfile
from pathlib import Path

FIRST = "[Content_Types].xml"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("directory")
    ap.add_argument("file")
    ap.add_argument("--no-check", action="store_true", help="do not parse the XML parts first")
    args = ap.parse_args()
    root = Path(args.directory)
    if not (root / FIRST).is_file():
        sys.exit(f"{root} has no {FIRST}; is it the right directory?")
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    names.sort(key=lambda n: n != FIRST)
    if not args.no_check:
        for name in names:
            if name.endswith((".xml", ".rels")):
                try:
                    xml.dom.minidom.parseString((root / name).read_bytes())
                except Exception as error:
                    sys.exit(f"{name}: {error}")
    with zipfile.ZipFile(args.file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(root / name, name)
    print(f"{args.file}: {len(names)} parts")


if __name__ == "__main__":
    main()
