#!/usr/bin/env python3
"""Make an A4 PDF from a plain text file (Latin-1 letters, Courier, line wrap, page numbers)."""
import argparse
import textwrap
from pathlib import Path

WIDTH, LINES, SIZE, LEAD, LEFT, TOP = 80, 54, 10, 13, 56, 780


def escape(text):
    raw = text.encode("latin-1", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def page_stream(lines, number, total):
    out = [f"BT /F1 {SIZE} Tf {LEAD} TL {LEFT} {TOP} Td".encode()]
    out += [b"(" + escape(line) + b") Tj T*" for line in lines]
    out.append(f"ET BT /F1 8 Tf {LEFT} 36 Td (Page {number} of {total}) Tj ET".encode())
    return b"\n".join(out)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("text")
    ap.add_argument("output")
    args = ap.parse_args()
    lines = []
    for raw in Path(args.text).read_text(encoding="utf-8").expandtabs(4).splitlines():
        lines += textwrap.wrap(raw, WIDTH, drop_whitespace=False) or [""]
    pages = [lines[i:i + LINES] for i in range(0, len(lines), LINES)] or [[""]]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"]
    for i, page in enumerate(pages):
        body = page_stream(page, i + 1, len(pages))
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>".encode())
        objects.append(f"<< /Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream")
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{o:010} 00000 n \n".encode() for o in offsets)
    data += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    Path(args.output).write_bytes(data)
    print(f"{args.output}: {len(pages)} pages")


if __name__ == "__main__":
    main()
