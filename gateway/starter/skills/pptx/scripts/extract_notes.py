#!/usr/bin/env python3
"""Print the speaker notes of a deck, one block per slide in the order of the show."""
import argparse
import posixpath
import xml.etree.ElementTree as ET
import zipfile

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
RID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def targets(archive, part):
    folder, base = posixpath.split(part)
    name = f"{folder}/_rels/{base}.rels"
    if name not in archive.namelist():
        return {}
    return {r.get("Id"): (r.get("Type").rsplit("/", 1)[-1],
                          posixpath.normpath(posixpath.join("/", folder, r.get("Target"))).lstrip("/"))
            for r in ET.fromstring(archive.read(name)).iter(REL)}


def notes_text(root):
    for sp in root.iter(P + "sp"):
        ph = sp.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        if ph is not None and ph.get("type") == "body":
            return "\n".join("".join(t.text or "" for t in p.iter(A + "t")) for p in sp.iter(A + "p"))
    return ""


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    ap.add_argument("--missing", action="store_true", help="only name slides without notes")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        slides = targets(archive, "ppt/presentation.xml")
        show = ET.fromstring(archive.read("ppt/presentation.xml")).iter(P + "sldId")
        for number, entry in enumerate(show, 1):
            part = slides[entry.get(RID)][1]
            found = [t for kind, t in targets(archive, part).values() if kind == "notesSlide"]
            text = notes_text(ET.fromstring(archive.read(found[0]))).strip() if found else ""
            if args.missing and not text:
                print(f"slide {number}: no notes")
            elif text and not args.missing:
                print(f"--- slide {number}\n{text}")


if __name__ == "__main__":
    main()
