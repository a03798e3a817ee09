#!/usr/bin/env python3
"""Unpack an Office file into a directory, refusing unsafe entry names."""
import argparse
import sys
import zipfile
from pathlib import Path


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("file")
    ap.add_argument("directory", help="created; must be empty or absent")
    args = ap.parse_args()
    target = Path(args.directory).resolve()
    if target.exists() and any(target.iterdir()):
        sys.exit(f"{target} is not empty")
    if not zipfile.is_zipfile(args.file):
        sys.exit(f"{args.file} is no ZIP archive (encrypted, or an old .doc?)")
    count = 0
    with zipfile.ZipFile(args.file) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            path = (target / info.filename).resolve()
            if target not in path.parents:
                sys.exit(f"unsafe entry name: {info.filename}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(info))
            count += 1
    print(f"{count} parts in {target}")


if __name__ == "__main__":
    main()
