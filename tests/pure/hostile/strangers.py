"""What is no picture at all, or of a kind that is not taken."""

import gzip

from tests.pure.hostile.cases import DAMAGED, each

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"

each("stranger", {
    "empty": lambda: b"",
    "of_one_byte": lambda: b"\xff",
    "svg": lambda: SVG,
    "svg_behind_blanks": lambda: b" \n\t" * 10 + SVG,
    "svg_behind_a_mark": lambda: b"\xef\xbb\xbf" + SVG,
    "svg_in_two_bytes": lambda: SVG.decode().encode("utf-16"),
    "svg_packed": lambda: gzip.compress(SVG, mtime=0),
    "entities": lambda: b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    "page": lambda: b"<html><script>alert(1)</script>",
    "pdf": lambda: b"%PDF-1.7\n",
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "icon": lambda: b"\0\0\1\0\1\0" + bytes(60),
    "photoshop": lambda: b"8BPS\0\1" + bytes(60),
    "film": lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(60),
    "archive": lambda: b"PK\x03\x04" + bytes(60),
    "big_tiff": lambda: b"II+\0\x08\0\0\0" + bytes(60),
    "jpeg_2000": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
    "jpeg_xl": lambda: b"\xff\x0a" + bytes(60),
    "sound": lambda: b"RIFF\x24\0\0\0WAVEfmt " + bytes(60),
    "program": lambda: b"\x7fELF\x02\x01\x01" + bytes(60),
    "noise": lambda: bytes(range(256)) * 4,
}, DAMAGED)  # fmt: skip
