#!/usr/bin/env python3
"""Copy the pictures of a .docx file to a directory and print where each is used."""
import argparse
import posixpath
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    ap.add_argument("directory")
    args = ap.parse_args()
    out = Path(args.directory)
    out.mkdir(parents=True, exist_ok=True)
    used = {}
    with zipfile.ZipFile(args.file) as archive:
        for name in archive.namelist():
            if not name.endswith(".rels"):
                continue
            folder = posixpath.dirname(posixpath.dirname(name))
            for rel in ET.fromstring(archive.read(name)).iter(REL):
                if rel.get("TargetMode") != "External":
                    full = posixpath.normpath(posixpath.join("/", folder, rel.get("Target"))).lstrip("/")
                    used.setdefault(full, []).append(f"{posixpath.basename(name)[:-5]}#{rel.get('Id')}")
        for name in archive.namelist():
            if name.startswith("word/media/") and not name.endswith("/"):
                data = archive.read(name)
                (out / posixpath.basename(name)).write_bytes(data)
                print(f"{len(data):9}  {posixpath.basename(name):24} {', '.join(used.get(name, ['unused']))}")


if __name__ == "__main__":
    main()
