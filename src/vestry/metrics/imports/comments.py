"""A file given back with what is wrong of it as comments on its cells, and nothing else of it changed.

A workbook's own parts stay byte for byte; the comments of each sheet are parts of their own, which the sheet is made to
name. Earlier comments stay, but ours of an earlier round go. A CSV file becomes a workbook of its cells.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

from vestry.batches import reading, xlsx_files
from vestry.batches.tables import Style, letters
from vestry.metrics.imports.checking import Checked
from vestry.metrics.imports.service import place_of

AUTHOR: Final = "Vestry"
COMMENTS_MAX: Final = 2_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
# What stands behind the drawing of comments in a sheet, in the order of the format.
_BEHIND = ("legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts")
Notes = Mapping[str, Mapping[str, str]]  # sheet → cell → text


def annotated(content: bytes, filename: str, checked: Checked) -> bytes:
    """The file as a workbook, with a comment on every cell that is wrong or worth a look."""
    if content.startswith(b"PK"):
        return _with_comments(content, _notes(checked, next(iter(xlsx_files.sheet_parts(content).values()), "")))
    return _workbook(content, filename, checked.options.style, _notes(checked, ""))


def _notes(checked: Checked, first: str) -> Notes:
    found: dict[str, dict[str, list[str]]] = {}
    told: list[tuple[str, str]] = [(place_of(one), f"Wrong: {one.message.rstrip('.')}.") for one in checked.faults]
    for _, finding in checked.findings:
        for figure in checked.figures:
            given = figure.given
            if given.period == finding.period and given.metric in finding.metrics:
                told.append((figure.entry.place.address, f"Look: {finding.message}"))
    for address, text in told[:COMMENTS_MAX]:
        sheet, _, cell = address.rpartition("!")
        if not re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}", cell):
            sheet, cell = first, "A1"
        found.setdefault(sheet or first, {}).setdefault(cell, []).append(text)
    return {
        sheet: {cell: "\n".join(dict.fromkeys(texts)) for cell, texts in cells.items()}
        for sheet, cells in found.items()
    }


def _workbook(content: bytes, filename: str, style: Style, notes: Notes) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("Figures")
    for row, cells in enumerate(reading.grids(content, filename, style)[0].frame.iter_rows()):
        for column, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, column, cell)
    for cell, text in notes.get("", {}).items():
        sheet.write_comment(cell, text, {"author": AUTHOR, "x_scale": 2})
    book.close()
    return out.getvalue()


def _with_comments(content: bytes, notes: Notes) -> bytes:
    parts = dict(xlsx_files.parts(content))
    titles = xlsx_files.sheet_parts(content)
    for number, (part, title) in enumerate(titles.items(), 1):
        if part in parts and (notes.get(title) or b"legacyDrawing" in parts[part]):
            _annotate(parts, part, number, notes.get(title, {}))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def _annotate(parts: dict[str, bytes], part: str, number: int, notes: Mapping[str, str]) -> None:
    """Put a sheet's comments beside it: those it had, and the notes."""
    folder, _, name = part.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    known = parts.get(links, b"").decode("utf-8") or f'<Relationships xmlns="{_PACKAGE}"></Relationships>'
    theirs, known = _taken_out(parts, known, folder)
    comments, drawing = f"xl/vestryComments{number}.xml", f"xl/drawings/vestryComments{number}.vml"
    both = {cell: "\n".join(filter(None, (theirs.get(cell), notes.get(cell)))) for cell in {**theirs, **notes}}
    ours = frozenset(notes)
    parts[comments], parts[drawing] = _comments(both, ours), _drawing(sorted(both))
    added = "".join(
        f'<Relationship Id="rIdVestry{kind}" Type="{_LINKS}/{kind}" Target="/{target}"/>'
        for kind, target in (("comments", comments), ("vmlDrawing", drawing))
    )
    parts[links] = re.sub(r"</(\w+:)?Relationships>", lambda end: added + end[0], known).encode()
    parts[part] = _named(parts[part].decode("utf-8")).encode()
    parts["[Content_Types].xml"] = _typed(parts["[Content_Types].xml"].decode("utf-8"), comments).encode()


def _taken_out(parts: dict[str, bytes], links: str, folder: str) -> tuple[dict[str, str], str]:
    """The comments a sheet has by others, and its links without those to comments and their drawing."""
    theirs: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*?/>", links):
        kind = re.search(r'Type\s*=\s*"[^"]*/(comments|vmlDrawing)"', tag)
        target = re.search(r'Target\s*=\s*"([^"]*)"', tag)
        if kind is None or target is None:
            continue
        links = links.replace(tag, "")
        if kind[1] == "comments":
            theirs = _others(parts.get(_resolved(folder, target[1]), b"").decode("utf-8", "replace"))
    return theirs, links


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/")
    for step in target.split("/"):
        if step == "..":
            steps.pop()
        else:
            steps.append(step)
    return "/".join(steps)


def _others(text: str) -> dict[str, str]:
    authors = [html.unescape(one) for one in re.findall(r"<(?:\w+:)?author>([^<]*)</", text)]
    found = {}
    for head, body in re.findall(r"<(?:\w+:)?comment\s([^>]*)>(.*?)</(?:\w+:)?comment>", text, re.DOTALL):
        said = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', head))
        author = int(said.get("authorId", "0"))
        if author < len(authors) and authors[author] == AUTHOR:
            continue
        pieces = re.findall(r"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</", body)
        found[said.get("ref", "A1")] = html.unescape("".join(pieces))
    return found


def _comments(notes: Mapping[str, str], ours: Iterable[str]) -> bytes:
    mine = frozenset(ours)
    listed = "".join(
        f'<comment ref="{cell}" authorId="{0 if cell in mine else 1}"><text><r>'
        f'<t xml:space="preserve">{escape(text)}</t></r></text></comment>'
        for cell, text in sorted(notes.items())
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    authors = f"<authors><author>{AUTHOR}</author><author></author></authors>"
    return f'{head}<comments xmlns="{_MAIN}">{authors}<commentList>{listed}</commentList></comments>'.encode()


def _drawing(cells: Iterable[str]) -> bytes:
    """The boxes comments are shown in, hidden until they are pointed at; readers ask for one each."""
    shapes = []
    for number, cell in enumerate(cells, 1025):
        column, row = _column(cell), int(re.sub("[A-Z]", "", cell)) - 1
        anchor = f"{column + 1}, 15, {row}, 2, {column + 5}, 15, {row + 5}, 4"
        shapes.append(
            f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
            'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/>'
            '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
            f"<x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>"
            f"<x:Column>{column}</x:Column></x:ClientData></v:shape>"
        )
    spaces = (
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"'
    )
    layout = '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    kind = (
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
        '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
    )
    return f"<xml {spaces}>{layout}{kind}{''.join(shapes)}</xml>".encode()


def _column(cell: str) -> int:
    name = re.sub("[0-9]", "", cell)
    return next(at for at in range(20_000) if letters(at) == name)


def _named(sheet: str) -> str:
    """The sheet naming its drawing of comments, where the format wants that named."""
    sheet = re.sub(r"<(\w+:)?legacyDrawing\s[^>]*?(/>|>\s*</(\w+:)?legacyDrawing>)", "", sheet)
    prefix = re.search(r"<(\w+:)?worksheet[\s>]", sheet)
    lead = (prefix[1] or "") if prefix else ""
    tag = f'<{lead}legacyDrawing xmlns:r={quoteattr(_LINKS)} r:id="rIdVestryvmlDrawing"/>'
    start = sheet.rfind("sheetData")
    places = [at for name in _BEHIND if (at := sheet.find(f"<{lead}{name}", start)) >= 0]
    last = re.search(
        rf"<{lead}extLst>(?:(?!<{lead}extLst>).)*</{lead}extLst>\s*</{lead}worksheet>\s*$", sheet, re.DOTALL
    )
    places += [last.start()] if last else []
    at = min(places, default=sheet.rfind(f"</{lead}worksheet>"))
    return sheet[:at] + tag + sheet[at:]


def _typed(types: str, comments: str) -> str:
    end = re.search(r"</(\w+:)?Types>", types)
    lead = (end[1] or "") if end else ""
    added = ""
    if f"/{comments}" not in types:
        added += f'<{lead}Override PartName="/{comments}" ContentType="{_COMMENTS_TYPE}"/>'
    if not re.search(r'Extension\s*=\s*"vml"', types):
        added = f'<{lead}Default Extension="vml" ContentType="{_VML_TYPE}"/>{added}'
    return re.sub(rf"</{lead}Types>", lambda close: added + close[0], types)
