#!/usr/bin/env python3
"""Create the folder of a new skill from the template."""
import argparse
import re
import sys
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent / "assets" / "template.md"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("name", help="lowercase letters, digits, single hyphens")
    ap.add_argument("--into", default=".", help="parent directory")
    ap.add_argument("--with", dest="extra", default="references", help="comma-separated subfolders, or 'none'")
    args = ap.parse_args()
    if len(args.name) > 64 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", args.name):
        sys.exit("invalid name: use 1 to 64 lowercase letters, digits and single hyphens inside")
    folder = Path(args.into) / args.name
    if folder.exists():
        sys.exit(f"{folder} exists already")
    folder.mkdir(parents=True)
    text = TEMPLATE.read_text(encoding="utf-8")
    title = args.name.replace("-", " ").capitalize()
    text = text.replace("name: my-skill", f"name: {args.name}").replace("# Title", f"# {title}", 1)
    (folder / "SKILL.md").write_text(text, encoding="utf-8")
    for sub in args.extra.split(","):
        if sub in ("references", "scripts", "assets"):
            (folder / sub).mkdir()
    print(f"{folder / 'SKILL.md'} written; replace the description first")


if __name__ == "__main__":
    main()
