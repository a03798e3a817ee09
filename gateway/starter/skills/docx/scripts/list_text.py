#!/usr/bin/env python3
"""Print the text of a .docx file, one line per paragraph."""
import argparse
import re
import xml.etree.ElementTree as ET
import zipfile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
SIGNS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "\u2011"}


def walk(node, deleted, lines):
    """Return the text inside node; paragraphs found below go to lines."""
    out = []
    for child in node:
        if child.tag == FALLBACK or child.tag == W + "pPr":
            continue
        if child.tag == W + "p":
            lines.append(walk(child, deleted, lines))
        elif child.tag == W + "t" or (deleted and child.tag == W + "delText"):
            out.append(child.text or "")
        elif child.tag in SIGNS:
            out.append(SIGNS[child.tag])
        else:
            out.append(walk(child, deleted, lines))
    return "".join(out)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    ap.add_argument("--all", action="store_true", help="also headers, footers, notes and comments")
    ap.add_argument("--deleted", action="store_true", help="include text marked as deleted")
    args = ap.parse_args()
    wanted = r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    with zipfile.ZipFile(args.file) as archive:
        parts = [n for n in archive.namelist() if re.fullmatch(wanted, n)]
        parts.sort(key=lambda n: (n != "word/document.xml", n))
        for name in parts if args.all else parts[:1]:
            if args.all:
                print(f"== {name}")
            lines = []
            walk(ET.fromstring(archive.read(name)), args.deleted, lines)
            print("\n".join(lines))


if __name__ == "__main__":
    main()
