#!/usr/bin/env python3
"""List the styles of a .docx file with the number of uses in the body."""
import argparse
import collections
import xml.etree.ElementTree as ET
import zipfile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    ap.add_argument("--used", action="store_true", help="only styles in use")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        body = ET.fromstring(archive.read("word/document.xml"))
        styles = ET.fromstring(archive.read("word/styles.xml"))
    uses = collections.Counter()
    for tag in ("pStyle", "rStyle", "tblStyle"):
        uses.update(e.get(W + "val") for e in body.iter(W + tag))
    defined = set()
    for style in styles.iter(W + "style"):
        sid = style.get(W + "styleId")
        defined.add(sid)
        name = style.find(W + "name")
        base = style.find(W + "basedOn")
        if uses[sid] or not args.used:
            print("{:5} {:10} {:24} {:28} {}".format(
                uses[sid], style.get(W + "type") or "paragraph", sid or "",
                name.get(W + "val") if name is not None else "",
                "<- " + base.get(W + "val") if base is not None else ""))
    for sid in sorted(set(uses) - defined):
        print(f"{uses[sid]:5} used, not defined: {sid}")


if __name__ == "__main__":
    main()
