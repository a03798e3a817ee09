#!/usr/bin/env python3
"""Make a .docx file from plain text: '# ' and '## ' lines become headings, '- ' lines bullets.

A blank line ends a paragraph. Styles and numbering come from ../assets.
"""
import argparse
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

ASSETS = Path(__file__).resolve().parent.parent / "assets"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
WML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
PARTS = ("styles", "numbering", "settings")


def paragraph(text, props=""):
    props = f"<w:pPr>{props}</w:pPr>" if props else ""
    return f'<w:p>{props}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def blocks(source):
    pending = []
    for line in source.splitlines() + [""]:
        special = line.startswith(("# ", "## ", "- "))
        if pending and (special or not line.strip()):
            yield paragraph(" ".join(pending))
            pending = []
        if line.startswith("# "):
            yield paragraph(line[2:], '<w:pStyle w:val="Heading1"/>')
        elif line.startswith("## "):
            yield paragraph(line[3:], '<w:pStyle w:val="Heading2"/>')
        elif line.startswith("- "):
            yield paragraph(line[2:], '<w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
        elif line.strip():
            pending.append(line.strip())


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("text")
    ap.add_argument("output")
    args = ap.parse_args()
    body = "".join(blocks(Path(args.text).read_text(encoding="utf-8")))
    body += '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1134" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>'
    over = "".join(f'<Override PartName="/word/{p}.xml" ContentType="{WML}.{p}+xml"/>' for p in PARTS)
    rels = "".join(f'<Relationship Id="rId{i}" Type="{DOC}/{p}" Target="{p}.xml"/>' for i, p in enumerate(PARTS, 1))
    with zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", f'<Types xmlns="{PKG}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{WML}.document.main+xml"/>{over}</Types>')
        z.writestr("_rels/.rels", f'<Relationships xmlns="{PKG}/relationships"><Relationship Id="rId1" Type="{DOC}/officeDocument" Target="word/document.xml"/></Relationships>')
        z.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{PKG}/relationships">{rels}</Relationships>')
        z.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for part in PARTS:
            z.write(ASSETS / f"{part}.xml", f"word/{part}.xml")


if __name__ == "__main__":
    main()
