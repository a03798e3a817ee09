#!/usr/bin/env python3
"""Check a skill folder: front matter, name, description, length, relative links."""
import argparse
import re
import sys
from pathlib import Path


def front_matter(text):
    """Return (dict of top-level keys, body); understands plain, quoted and folded values."""
    match = re.match(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)(.*)", text, re.S)
    if not match:
        return None, text
    fields, key = {}, None
    for line in match[1].splitlines():
        top = re.match(r"([A-Za-z_-]+):\s*(.*)", line)
        if top:
            key, fields[top[1]] = top[1], top[2].strip()
        elif key and line.startswith((" ", "\t")):
            fields[key] = (fields[key] + " " + line.strip()).strip()
    return {k: re.sub(r"^[>|][+-]?\s*", "", v) for k, v in fields.items()}, match[2]


def check(folder):
    path = folder / "SKILL.md"
    if not path.is_file():
        yield "SKILL.md is missing"
        return
    fields, body = front_matter(path.read_text(encoding="utf-8-sig"))
    if fields is None:
        yield "no front matter between two '---' lines"
        return
    name, description = (fields.get(k, "").strip("\"'") for k in ("name", "description"))
    if len(name) > 64 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        yield f"invalid name: {name!r}"
    if name != folder.resolve().name:
        yield f"name {name!r} differs from the folder"
    if not 1 <= len(description) <= 1024:
        yield f"description has {len(description)} characters (1 to 1024 allowed)"
    if fields.get("description", "")[:1] not in ("'", '"') and ": " in description and ">" not in path.read_text(encoding="utf-8-sig").split("description:")[1][:3]:
        yield "description has a colon and needs quotes"
    if body.count("\n") > 500:
        yield "body is longer than 500 lines"
    for target in re.findall(r"\]\(([^)#\s]+)", body):
        if "://" not in target and not target.startswith("mailto:") and not (folder / target).exists():
            yield f"link to a missing file: {target}"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("folder", nargs="+")
    args = ap.parse_args()
    bad = 0
    for name in args.folder:
        problems = list(check(Path(name)))
        bad += len(problems)
        print(f"{name}: " + ("; ".join(problems) or "ok"))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
