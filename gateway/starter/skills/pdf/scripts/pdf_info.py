#!/usr/bin/env python3
"""Show basic facts about a PDF: version, pages, encryption, forms, tags, revisions.

Compressed object streams are opened with zlib where their filter is plain FlateDecode.
"""
import argparse
import re
import sys
import zlib


def expand(data):
    """Return data plus the content of readable object streams."""
    parts = [data]
    for m in re.finditer(rb"/ObjStm\b.*?stream\r?\n", data, re.S):
        try:
            parts.append(zlib.decompressobj().decompress(data[m.end():]))
        except zlib.error:
            pass
    return b"\n".join(parts)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    args = ap.parse_args()
    with open(args.file, "rb") as handle:
        data = handle.read()
    head = re.search(rb"%PDF-(\d\.\d)", data[:1024])
    if not head:
        sys.exit("no PDF header found")
    encrypted = b"/Encrypt" in data
    text = data if encrypted else expand(data)
    print("version      ", head[1].decode())
    print("pages        ", len(re.findall(rb"/Type\s*/Page(?![A-Za-z])", text)), "(page objects found)")
    print("encrypted    ", "yes" if encrypted else "no")
    for label, key in (("form", b"/AcroForm"), ("XFA form", b"/XFA"), ("tagged", b"/StructTreeRoot"),
                       ("script", b"/JavaScript"), ("attachments", b"/EmbeddedFiles"), ("signature", b"/ByteRange")):
        print(f"{label:13}", "yes" if key in text else "no")
    print("fonts        ", "yes" if b"/Font" in text else "none (a scan?)")
    print("revisions    ", data.count(b"%%EOF"))


if __name__ == "__main__":
    main()
