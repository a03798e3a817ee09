#!/usr/bin/env python3
"""List slides in the order of the show: file, layout, title, and what is attached."""
import argparse
import posixpath
import xml.etree.ElementTree as ET
import zipfile

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
RID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def rels(archive, part):
    """Yield (id, last word of the type, target) of a part."""
    folder, base = posixpath.split(part)
    name = f"{folder}/_rels/{base}.rels"
    if name in archive.namelist():
        for rel in ET.fromstring(archive.read(name)).iter(REL):
            target = rel.get("Target")
            if rel.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield rel.get("Id"), rel.get("Type").rsplit("/", 1)[-1], target


def title(slide):
    for sp in slide.iter(P + "sp"):
        ph = sp.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        if ph is not None and ph.get("type") in ("title", "ctrTitle"):
            return "".join(t.text or "" for t in sp.iter(A + "t"))
    return "(no title)"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        pres = "ppt/presentation.xml"
        targets = {i: t for i, _, t in rels(archive, pres)}
        for n, entry in enumerate(ET.fromstring(archive.read(pres)).iter(P + "sldId"), 1):
            part = targets[entry.get(RID)]
            slide = ET.fromstring(archive.read(part))
            kinds, layout = [], "?"
            for _, kind, target in rels(archive, part):
                if kind == "slideLayout":
                    layout = ET.fromstring(archive.read(target)).find(P + "cSld").get("name")
                else:
                    kinds.append(kind)
            hidden = " hidden" if slide.get("show") == "0" else ""
            print(f"{n:3} {posixpath.basename(part):14} [{layout}]{hidden} {title(slide)}")
            if kinds:
                print("      " + ", ".join(f"{kinds.count(k)} {k}" for k in sorted(set(kinds))))


if __name__ == "__main__":
    main()
