#!/usr/bin/env python3
"""Check an Office package: XML syntax, relationships, ids in use, content types."""
import argparse
import posixpath
import re
import sys
import xml.etree.ElementTree as ET
import zipfile

REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
CT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def check(archive):
    names = set(archive.namelist())
    trees = {}
    for name in sorted(names):
        if name.endswith((".xml", ".rels")):
            try:
                trees[name] = ET.fromstring(archive.read(name))
            except ET.ParseError as error:
                yield f"{name}: {error}"
    types = trees.get("[Content_Types].xml")
    if types is None:
        yield "[Content_Types].xml is missing"
        return
    defaults = {d.get("Extension").lower() for d in types.iter(CT + "Default")}
    overrides = [o.get("PartName").lstrip("/") for o in types.iter(CT + "Override")]
    for part in sorted({o for o in overrides if overrides.count(o) > 1}):
        yield f"two overrides for {part}"
    for name in sorted(names):
        known = name in overrides or name.rsplit(".", 1)[-1].lower() in defaults
        if not known and name != "[Content_Types].xml" and not name.endswith("/"):
            yield f"no content type for {name}"
    for name in sorted(n for n in trees if n.endswith(".rels")):
        folder, base = posixpath.split(name)
        owner = posixpath.join(posixpath.dirname(folder), base[:-5])
        ids = set()
        for rel in trees[name].iter(REL + "Relationship"):
            if rel.get("Id") in ids:
                yield f"{name}: id {rel.get('Id')} twice"
            ids.add(rel.get("Id"))
            if rel.get("TargetMode") != "External":
                target = re.sub(r"#.*", "", rel.get("Target"))
                full = posixpath.normpath(posixpath.join("/", posixpath.dirname(owner), target)).lstrip("/")
                if target and full not in names:
                    yield f"{name}: {rel.get('Id')} -> {full} does not exist"
        if owner in trees:
            used = {v for e in trees[owner].iter() for k, v in e.attrib.items() if k.startswith(R)}
            for missing in sorted(used - ids - {""}):
                yield f"{owner}: uses {missing}, which has no relationship"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        problems = list(check(archive))
    print("\n".join(problems) or "no problem found")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
