#!/usr/bin/env python3
"""Print the text of all slides in the order of the show, indented by level."""
import argparse
import posixpath
import xml.etree.ElementTree as ET
import zipfile

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
RID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
SKIP = ("dt", "ftr", "sldNum", "hdr")


def paragraph(p):
    text = "".join("\n" if e.tag == A + "br" else e.text or "" for e in p.iter() if e.tag in (A + "t", A + "br"))
    props = p.find(A + "pPr")
    level = int(props.get("lvl", "0")) if props is not None else 0
    return "  " * level + text if text.strip() else ""


def lines(node):
    """Yield lines in document order; a table row becomes one line."""
    for child in node:
        if child.tag == P + "sp":
            ph = child.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
            if ph is not None and ph.get("type") in SKIP:
                continue
        if child.tag == A + "p":
            yield paragraph(child)
        elif child.tag == A + "tr":
            cells = ("".join(t.text or "" for t in tc.iter(A + "t")) for tc in child.iter(A + "tc"))
            yield " | ".join(cells)
        else:
            yield from lines(child)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        table = ET.fromstring(archive.read("ppt/_rels/presentation.xml.rels"))
        targets = {r.get("Id"): posixpath.normpath(posixpath.join("/ppt", r.get("Target"))).lstrip("/")
                   for r in table.iter(REL)}
        show = ET.fromstring(archive.read("ppt/presentation.xml")).iter(P + "sldId")
        for number, entry in enumerate(show, 1):
            print(f"--- slide {number}")
            for line in lines(ET.fromstring(archive.read(targets[entry.get(RID)]))):
                if line:
                    print(line)


if __name__ == "__main__":
    main()
