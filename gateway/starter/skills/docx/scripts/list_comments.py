#!/usr/bin/env python3
"""List the comments of a .docx file with the text they refer to."""
import argparse
import xml.etree.ElementTree as ET
import zipfile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def anchors(body):
    """Map comment id -> commented text."""
    open_ids, found = set(), {}
    for node in body.iter():
        if node.tag == W + "commentRangeStart":
            open_ids.add(node.get(W + "id"))
        elif node.tag == W + "commentRangeEnd":
            open_ids.discard(node.get(W + "id"))
        elif node.tag == W + "t":
            for cid in open_ids:
                found[cid] = found.get(cid, "") + (node.text or "")
    return found


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with zipfile.ZipFile(args.file) as archive:
        if "word/comments.xml" not in archive.namelist():
            print("no comments")
            return
        body = ET.fromstring(archive.read("word/document.xml"))
        comments = ET.fromstring(archive.read("word/comments.xml"))
    texts = anchors(body)
    for c in comments.iter(W + "comment"):
        cid = c.get(W + "id")
        said = " / ".join("".join(t.text or "" for t in p.iter(W + "t")) for p in c.iter(W + "p"))
        print(f"[{cid}] {c.get(W + 'author')}, {c.get(W + 'date') or 'no date'}")
        print(f"    on: {texts.get(cid, '(point)')}")
        print(f"    {said}")


if __name__ == "__main__":
    main()
