#!/usr/bin/env python3
"""Reject insertions, deletions and run formatting changes of a .docx file.

Moves and changed paragraph or table properties are reported, not undone.
"""
import argparse
import re
import xml.dom.minidom
import zipfile

PARTS = r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml"
LEFT = ("w:moveFrom", "w:moveTo", "w:pPrChange", "w:tblPrChange", "w:sectPrChange")


def reject(dom):
    for node in list(dom.getElementsByTagName("w:ins")):
        mark = node.parentNode
        if mark.nodeName == "w:rPr" and mark.parentNode.nodeName == "w:pPr":
            p = mark.parentNode.parentNode
            if not [r for r in p.getElementsByTagName("w:r") if r.parentNode.nodeName != "w:ins"]:
                p.parentNode.removeChild(p)
                continue
        if mark.nodeName == "w:trPr":
            mark.parentNode.parentNode.removeChild(mark.parentNode)
        elif node.parentNode:
            node.parentNode.removeChild(node)
    for old, new in (("w:delText", "w:t"), ("w:delInstrText", "w:instrText")):
        for node in list(dom.getElementsByTagName(old)):
            fresh = dom.createElement(new)
            fresh.setAttribute("xml:space", "preserve")
            while node.firstChild:
                fresh.appendChild(node.firstChild)
            node.parentNode.replaceChild(fresh, node)
    for node in list(dom.getElementsByTagName("w:del")):
        while node.firstChild:
            node.parentNode.insertBefore(node.firstChild, node)
        node.parentNode.removeChild(node)
    for change in list(dom.getElementsByTagName("w:rPrChange")):
        props = change.parentNode
        old = [c for c in change.childNodes if c.nodeName == "w:rPr"]
        if props.parentNode and old:
            props.parentNode.replaceChild(old[0], props)


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
                reject(dom)
                for tag in LEFT:
                    left = len(dom.getElementsByTagName(tag))
                    if left:
                        print(f"{name}: {left} x {tag} left for review")
                data = dom.toxml(encoding="UTF-8")
            dst.writestr(name, data)


if __name__ == "__main__":
    main()
