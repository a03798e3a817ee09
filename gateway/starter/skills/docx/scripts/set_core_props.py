#!/usr/bin/env python3
"""Set title, creator or last editor in docProps/core.xml of an existing .docx file."""
import argparse
import sys
import xml.dom.minidom
import zipfile

CORE = "docProps/core.xml"


def put(dom, tag, value):
    found = dom.getElementsByTagName(tag)
    node = found[0] if found else dom.documentElement.appendChild(dom.createElement(tag))
    while node.firstChild:
        node.removeChild(node.firstChild)
    node.appendChild(dom.createTextNode(value))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("input")
    ap.add_argument("output")
    ap.add_argument("--title")
    ap.add_argument("--creator")
    ap.add_argument("--last-editor")
    args = ap.parse_args()
    wanted = {"dc:title": args.title, "dc:creator": args.creator, "cp:lastModifiedBy": args.last_editor}
    with zipfile.ZipFile(args.input) as src:
        if CORE not in src.namelist():
            sys.exit(f"{args.input} has no {CORE}")
        with zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as dst:
            for name in src.namelist():
                data = src.read(name)
                if name == CORE:
                    dom = xml.dom.minidom.parseString(data)
                    for tag, value in wanted.items():
                        if value is not None:
                            put(dom, tag, value)
                    data = dom.toxml(encoding="UTF-8")
                dst.writestr(name, data)


if __name__ == "__main__":
    main()
