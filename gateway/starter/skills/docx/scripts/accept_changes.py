#!/usr/bin/env python3
"""Accept all tracked changes of a .docx file."""
import argparse
import re
import xml.dom.minidom
import zipfile

PARTS = r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml"
UNWRAP = ("w:ins", "w:moveTo")
REMOVE = ("w:del", "w:moveFrom", "w:moveFromRangeStart", "w:moveFromRangeEnd", "w:moveToRangeStart",
          "w:moveToRangeEnd", "w:rPrChange", "w:pPrChange", "w:sectPrChange", "w:tblPrChange",
          "w:tblPrExChange", "w:tblGridChange", "w:trPrChange", "w:tcPrChange", "w:numberingChange")


def drop(node):
    if node.parentNode:
        node.parentNode.removeChild(node)


def join_next(p):
    """The mark of p is deleted: its content moves to the front of the next paragraph."""
    nxt = p.nextSibling
    while nxt is not None and nxt.nodeName != "w:p":
        nxt = nxt.nextSibling
    if nxt is None:
        return
    kids = [c for c in p.childNodes if c.nodeName != "w:pPr"]
    props = [c for c in nxt.childNodes if c.nodeName == "w:pPr"]
    before = props[0].nextSibling if props else nxt.firstChild
    for kid in kids:
        nxt.insertBefore(kid, before)
    drop(p)


def accept(dom):
    for row in list(dom.getElementsByTagName("w:trPr")):
        if any(c.nodeName == "w:del" for c in row.childNodes):
            drop(row.parentNode)
    merged = [m.parentNode.parentNode.parentNode for tag in ("w:del", "w:moveFrom")
              for m in dom.getElementsByTagName(tag)
              if m.parentNode.nodeName == "w:rPr" and m.parentNode.parentNode.nodeName == "w:pPr"]
    for tag in REMOVE:
        for node in list(dom.getElementsByTagName(tag)):
            drop(node)
    for tag in UNWRAP:
        for node in list(dom.getElementsByTagName(tag)):
            while node.firstChild:
                node.parentNode.insertBefore(node.firstChild, node)
            drop(node)
    for p in merged:
        if p.parentNode:
            join_next(p)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("input")
    ap.add_argument("output")
    args = ap.parse_args()
    with zipfile.ZipFile(args.input) as src, zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as dst:
        for name in src.namelist():
            data = src.read(name)
            if re.fullmatch(PARTS, name):
                dom = xml.dom.minidom.parseString(data)
                accept(dom)
                data = dom.toxml(encoding="UTF-8")
            dst.writestr(name, data)


if __name__ == "__main__":
    main()
