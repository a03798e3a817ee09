#!/usr/bin/env python3
"""Reorder slides; a slide that is left out is removed together with its notes."""
import argparse
import posixpath
import re
import sys
import xml.dom.minidom
import zipfile

PRES, PRELS, TYPES = "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels", "[Content_Types].xml"


def rels_name(part):
    return f"{posixpath.dirname(part)}/_rels/{posixpath.basename(part)}.rels"


def resolve(part, target):
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("input")
    ap.add_argument("output")
    ap.add_argument("--order", required=True, help="present numbers in the new order, like 1,3,2")
    args = ap.parse_args()
    with zipfile.ZipFile(args.input) as src:
        parts = {n: src.read(n) for n in src.namelist()}
    doms = {n: xml.dom.minidom.parseString(d) for n, d in parts.items() if n.endswith(".rels") or n in (PRES, TYPES)}
    box = doms[PRES].getElementsByTagName("p:sldIdLst")[0]
    old = list(box.getElementsByTagName("p:sldId"))
    order = [int(n) for n in args.order.split(",")]
    if len(set(order)) != len(order) or not set(order) <= set(range(1, len(old) + 1)):
        sys.exit(f"--order must name different slides from 1 to {len(old)}")
    gone_ids = {n.getAttribute("r:id") for i, n in enumerate(old, 1) if i not in order}
    gone = set()
    for rel in list(doms[PRELS].getElementsByTagName("Relationship")):
        if rel.getAttribute("Id") in gone_ids:
            gone.add(resolve(PRES, rel.getAttribute("Target")))
            rel.parentNode.removeChild(rel)
    for part in list(gone):
        for rel in doms[rels_name(part)].getElementsByTagName("Relationship") if rels_name(part) in doms else []:
            if rel.getAttribute("Type").endswith("/notesSlide"):
                gone.add(resolve(part, rel.getAttribute("Target")))
    for name, dom in doms.items():
        owner = name.replace("_rels/", "").removesuffix(".rels")
        if name.endswith(".rels") and owner not in gone:
            for rel in dom.getElementsByTagName("Relationship"):
                if rel.getAttribute("TargetMode") != "External" and resolve(owner, rel.getAttribute("Target")) in gone:
                    sys.exit(f"{owner} links to a removed slide; take that link away first")
    for node in old:
        box.removeChild(node)
    for number in order:
        box.appendChild(old[number - 1])
    for ext in list(doms[PRES].getElementsByTagName("p:ext")):
        if ext.getAttribute("uri") == "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}":
            ext.parentNode.removeChild(ext)
            print("section list dropped")
    for node in list(doms[TYPES].getElementsByTagName("Override")):
        if node.getAttribute("PartName").lstrip("/") in gone:
            node.parentNode.removeChild(node)
    gone |= {rels_name(p) for p in gone}
    with zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as dst:
        for name, data in parts.items():
            if name not in gone:
                dst.writestr(name, doms[name].toxml(encoding="UTF-8") if name in (PRES, PRELS, TYPES) else data)
    print(f"{len(order)} slides kept, {len(old) - len(order)} removed")


if __name__ == "__main__":
    main()
