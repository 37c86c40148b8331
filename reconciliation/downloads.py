"""A table as the answer to a request: saved, never shown by the browser, never kept by anything in between."""

from __future__ import annotations

import tempfile

from django.http import FileResponse, StreamingHttpResponse

from reconciliation.exports import Export, Format, csv_lines, write_xlsx

TYPES: dict[str, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def as_file(export: Export, kind: str) -> StreamingHttpResponse:
    """The download: CSV is written while it is sent, a workbook is made first. Raises `Refused(too_many_rows)`."""
    name = plain_name(f"{export.name}.{kind}")
    if kind == Format.CSV:
        answer = StreamingHttpResponse(csv_lines(export), content_type=TYPES[Format.CSV])
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the answer closes it
        write_xlsx(export, file)
        file.seek(0)
        answer = FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[Format.XLSX])
    for header, value in HEADERS.items():
        answer[header] = value
    return answer


def plain_name(name: str) -> str:
    """A file name of letters that every system takes: numbers of customers may hold anything."""
    return "".join(each if each.isascii() and (each.isalnum() or each in ".-_") else "-" for each in name)[-120:]
