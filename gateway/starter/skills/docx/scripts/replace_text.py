#!/usr/bin/env python3
"""Replace a phrase in a .docx file, also where it is split over several runs."""
import argparse
import re
import xml.dom.minidom
import zipfile

PARTS = r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml"


def owner(node):
    while node.nodeName != "w:p":
        node = node.parentNode
    return node


def text_of(node):
    return "".join(c.data for c in node.childNodes)


def set_text(dom, node, value):
    while node.firstChild:
        node.removeChild(node.firstChild)
    node.appendChild(dom.createTextNode(value))
    node.setAttribute("xml:space", "preserve")


def replace_in(dom, old, new):
    count = 0
    for p in dom.getElementsByTagName("w:p"):
        nodes = [t for t in p.getElementsByTagName("w:t") if owner(t) is p]
        start = 0
        while True:
            texts = [text_of(t) for t in nodes]
            at = "".join(texts).find(old, start)
            if at < 0:
                break
            pos, end, first = 0, at + len(old), True
            for node, text in zip(nodes, texts):
                a, b = max(at - pos, 0), min(end - pos, len(text))
                if a < b:
                    set_text(dom, node, text[:a] + (new if first else "") + text[b:])
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
    args = ap.parse_args()
    if not args.old:
        ap.error("--old must not be empty")
    total = 0
    with zipfile.ZipFile(args.input) as src, zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as dst:
        for name in src.namelist():
            data = src.read(name)
            if re.fullmatch(PARTS, name):
                dom = xml.dom.minidom.parseString(data)
                n = replace_in(dom, args.old, args.new)
                total, data = total + n, dom.toxml(encoding="UTF-8") if n else data
            dst.writestr(name, data)
    print(f"{total} replaced")


if __name__ == "__main__":
    main()
