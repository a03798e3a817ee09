#!/usr/bin/env python3
"""List the cells of a workbook: address, formula and stored value."""
import argparse
import posixpath
import sys
import xml.etree.ElementTree as ET
import zipfile

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def sheets(archive):
    table = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {r.get("Id"): posixpath.normpath(posixpath.join("/xl", r.get("Target"))).lstrip("/") for r in table.iter(REL)}
    for sheet in ET.fromstring(archive.read("xl/workbook.xml")).iter(M + "sheet"):
        yield sheet.get("name"), target[sheet.get(RID)]


def shared(archive):
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ET.fromstring(archive.read("xl/sharedStrings.xml"))
    return ["".join(t.text or "" for t in si.iter(M + "t")) for si in root.iter(M + "si")]


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    ap.add_argument("--sheet", help="name of a sheet; without it, all")
    ap.add_argument("--formulas", action="store_true", help="only cells with a formula")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        texts = shared(archive)
        chosen = [(n, p) for n, p in sheets(archive) if args.sheet in (None, n)]
        if not chosen:
            sys.exit("no such sheet; there are: " + ", ".join(n for n, _ in sheets(archive)))
        for name, part in chosen:
            print(f"== {name}")
            for c in ET.fromstring(archive.read(part)).iter(M + "c"):
                f, v = c.find(M + "f"), c.find(M + "v")
                value = (v.text or "") if v is not None else "".join(t.text or "" for t in c.iter(M + "t"))
                if c.get("t") == "s" and value:
                    value = texts[int(value)]
                formula = "" if f is None else "=" + (f.text or f"(shared {f.get('si')})")
                if (formula or value) if not args.formulas else formula:
                    print(f"{c.get('r'):7} {formula + '  ->  ' if formula else ''}{value}")


if __name__ == "__main__":
    main()
