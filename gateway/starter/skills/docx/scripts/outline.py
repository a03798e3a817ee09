#!/usr/bin/env python3
"""Print the headings of a .docx file with their level and paragraph index."""
import argparse
import xml.etree.ElementTree as ET
import zipfile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def style_levels(xml_bytes):
    """Map style id -> outline level, following basedOn."""
    own, base = {}, {}
    for style in ET.fromstring(xml_bytes).iter(W + "style"):
        sid = style.get(W + "styleId")
        level = style.find(f"{W}pPr/{W}outlineLvl")
        parent = style.find(W + "basedOn")
        own[sid] = int(level.get(W + "val")) if level is not None else None
        base[sid] = parent.get(W + "val") if parent is not None else None
    result = {}
    for sid in own:
        seen, cur = set(), sid
        while cur in own and own[cur] is None and cur not in seen:
            seen.add(cur)
            cur = base[cur]
        result[sid] = own.get(cur)
    return result


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        body = ET.fromstring(archive.read("word/document.xml"))
        has = "word/styles.xml" in archive.namelist()
        levels = style_levels(archive.read("word/styles.xml")) if has else {}
    for index, p in enumerate(body.iter(W + "p")):
        direct = p.find(f"{W}pPr/{W}outlineLvl")
        style = p.find(f"{W}pPr/{W}pStyle")
        level = levels.get(style.get(W + "val")) if style is not None else None
        if direct is not None:
            level = int(direct.get(W + "val"))
        if level is not None and level < 9:
            text = "".join(t.text or "" for t in p.iter(W + "t"))
            print(f"{index:5}  {'  ' * level}{level + 1} {text}")


if __name__ == "__main__":
    main()
