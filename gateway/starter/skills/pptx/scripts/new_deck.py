#!/usr/bin/env python3
"""Make a deck from an outline: '# ' starts a slide, '- ' and '  - ' lines are its points.

The first slide is the cover; its first point becomes the subtitle. Parts come from ../assets.
"""
import argparse
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

ASSETS = Path(__file__).resolve().parent.parent / "assets"
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
PML = "application/vnd.openxmlformats-officedocument.presentationml"
ROOT = (f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{DOC}" '
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"')


def parse(text):
    slides = []
    for line in text.splitlines():
        if line.startswith("# "):
            slides.append((line[2:].strip(), []))
        elif slides and line.strip():
            body = line.strip()
            slides[-1][1].append((1 if line.startswith("  ") else 0, body[2:] if body.startswith("- ") else body))
    return slides


def shape(number, ph, paragraphs):
    text = "".join(f'<a:p><a:pPr lvl="{lvl}"/><a:r><a:rPr lang="en-GB"/><a:t>{escape(t)}</a:t></a:r></a:p>' for lvl, t in paragraphs)
    return (f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Placeholder {number}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
            f'<p:nvPr><p:ph {ph}/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>{text}</p:txBody></p:sp>')


def slide(title, points, cover):
    shapes = shape(2, 'type="ctrTitle"' if cover else 'type="title"', [(0, title)])
    if points:
        shapes += shape(3, 'type="subTitle" idx="1"', points[:1]) if cover else shape(3, 'idx="1"', points)
    return (f'<p:sld {ROOT}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
            f'<p:grpSpPr/>{shapes}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>')


def rels(*pairs):
    rows = "".join(f'<Relationship Id="rId{i}" Type="{DOC}/{kind}" Target="{to}"/>' for i, (kind, to) in enumerate(pairs, 1))
    return f'<Relationships xmlns="{PKG}/relationships">{rows}</Relationships>'


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("outline")
    ap.add_argument("output")
    args = ap.parse_args()
    slides = parse(Path(args.outline).read_text(encoding="utf-8"))
    if not slides:
        ap.error("the outline has no line that starts with '# '")
    types = {"ppt/presentation.xml": f"{PML}.presentation.main+xml", "ppt/slideMasters/slideMaster1.xml": f"{PML}.slideMaster+xml",
             "ppt/slideLayouts/slideLayout1.xml": f"{PML}.slideLayout+xml", "ppt/slideLayouts/slideLayout2.xml": f"{PML}.slideLayout+xml",
             "ppt/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml"}
    names = [f"slides/slide{n}.xml" for n in range(1, len(slides) + 1)]
    types.update({f"ppt/{n}": f"{PML}.slide+xml" for n in names})
    over = "".join(f'<Override PartName="/{p}" ContentType="{t}"/>' for p, t in types.items())
    ids = "".join(f'<p:sldId id="{256 + i}" r:id="rId{3 + i}"/>' for i in range(len(slides)))
    pres = (ASSETS / "presentation.xml").read_text(encoding="utf-8").replace('<p:sldId id="256" r:id="rId3"/>', ids)
    with zipfile.ZipFile(args.output, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", f'<Types xmlns="{PKG}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{over}</Types>')
        z.writestr("_rels/.rels", rels(("officeDocument", "ppt/presentation.xml")))
        z.writestr("ppt/presentation.xml", pres)
        z.writestr("ppt/_rels/presentation.xml.rels", rels(("slideMaster", "slideMasters/slideMaster1.xml"), ("theme", "theme/theme1.xml"), *(("slide", n) for n in names)))
        for asset, part in (("slide-master", "slideMasters/slideMaster1"), ("layout-title", "slideLayouts/slideLayout1"), ("layout-content", "slideLayouts/slideLayout2"), ("theme", "theme/theme1")):
            z.write(ASSETS / f"{asset}.xml", f"ppt/{part}.xml")
        z.writestr("ppt/slideMasters/_rels/slideMaster1.xml.rels", rels(("slideLayout", "../slideLayouts/slideLayout1.xml"), ("slideLayout", "../slideLayouts/slideLayout2.xml"), ("theme", "../theme/theme1.xml")))
        for n in (1, 2):
            z.writestr(f"ppt/slideLayouts/_rels/slideLayout{n}.xml.rels", rels(("slideMaster", "../slideMasters/slideMaster1.xml")))
        for n, (title, points) in enumerate(slides, 1):
            z.writestr(f"ppt/slides/slide{n}.xml", slide(title, points, n == 1))
            z.writestr(f"ppt/slides/_rels/slide{n}.xml.rels", rels(("slideLayout", f"../slideLayouts/slideLayout{1 if n == 1 else 2}.xml")))
    print(f"{args.output}: {len(slides)} slides")


if __name__ == "__main__":
    main()
