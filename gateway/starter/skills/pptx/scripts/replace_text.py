#!/usr/bin/env python3
"""Replace a phrase on slides (and notes with --notes), also where runs split it."""
import argparse
import re
import xml.dom.minidom
import zipfile


def value(node):
    return "".join(c.data for c in node.childNodes)


def store(dom, node, text):
    while node.firstChild:
        node.removeChild(node.firstChild)
    node.appendChild(dom.createTextNode(text))


def replace_in(dom, old, new):
    count = 0
    for p in dom.getElementsByTagName("a:p"):
        nodes = p.getElementsByTagName("a:t")
        start = 0
        while True:
            texts = [value(n) for n in nodes]
            at = "".join(texts).find(old, start)
            if at < 0:
                break
            pos, end, first = 0, at + len(old), True
            for node, text in zip(nodes, texts):
                a, b = max(at - pos, 0), min(end - pos, len(text))
                if a < b:
                    store(dom, node, text[:a] + (new if first else "") + text[b:])
                    first = False
                pos += len(text)
            start, count = at + len(new), count + 1
    return count


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("input")
    ap.add_argument("output")
    ap.add_argument("--old", required=True)
    ap.add_argument("--new", required=True)
    ap.add_argument("--notes", action="store_true")
    args = ap.parse_args()
    if not args.old:
        ap.error("--old must not be empty")
    parts = r"ppt/(slides/slide|notesSlides/notesSlide)\d+\.xml" if args.notes else r"ppt/slides/slide\d+\.xml"
    with zipfile.ZipFile(args.input) as src, zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as dst:
        for name in src.namelist():
            data = src.read(name)
            if re.fullmatch(parts, name):
                dom = xml.dom.minidom.parseString(data)
                n = replace_in(dom, args.old, args.new)
                if n:
                    print(f"{name}: {n}")
                    data = dom.toxml(encoding="UTF-8")
            dst.writestr(name, data)


if __name__ == "__main__":
    main()
