"""A browser without JavaScript: reads the forms of a page with what stands in them, and sends them as it would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict


@dataclass
class PageForm:
    """One form of a page. `values` are what a browser would send if nothing were touched; buttons are sent only when pressed."""

    action: str
    method: str
    id: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def data(self, press: tuple[str, str] | None = None, **changes: Any) -> QueryDict:
        """What is posted, with `changes` typed (`t_0_amount` is `t-0-amount`; None unticks or takes a field away)."""
        data = QueryDict(mutable=True)
        for name, several in self.values.items():
            data.setlist(name, list(several))
        for name, value in changes.items():
            key = "-".join(name.split("_", 2)) if name.startswith(("t_", "w_")) else name.replace("allocation_", "allocation-")
            if value is None:
                data.pop(key, None)
            else:
                data.setlist(key, [str(each) for each in value] if isinstance(value, list) else [str(value)])
        if press:
            data[press[0]] = press[1]
        return data


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.now: PageForm | None = None
        self.select = ""
        self.first = ""
        self.area: str | None = None
        self.text = ""
        self.in_template = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "template":
            self.in_template += 1
        if self.in_template:
            return
        if tag == "form":
            self.now = PageForm(given.get("action", ""), given.get("method", "get").lower(), given.get("id", ""))
            self.forms.append(self.now)
        form = next((each for each in self.forms if each.id and each.id == given.get("form")), None) or self.now
        name = given.get("name", "")
        if form is None:
            return
        if name:
            form.names.add(name)
        if tag == "input" and name and "disabled" not in given:
            kind = given.get("type", "text")
            if kind in {"checkbox", "radio"} and "checked" not in given or kind in {"file", "submit"}:
                return
            form.values.setdefault(name, []).append(given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self.select, self.first = name, ""
        elif tag == "option" and self.select:
            self.first = self.first or given.get("value", "")
            if "selected" in given:
                form.values[self.select] = [given.get("value", "")]
            form.values.setdefault(self.select, [given.get("value", "")])
        elif tag == "textarea":
            self.area, self.text = name, ""

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.in_template -= 1
        elif tag == "form":
            self.now = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area is not None:
            if self.now is not None:
                self.now.values[self.area] = [self.text.lstrip("\n")]
            self.area = None


def forms_of(response: Any) -> list[PageForm]:
    """All forms of a page."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader.forms


def form_named(response: Any, form_id: str = "", *, having: str = "") -> PageForm:
    """The form with that id, or the one that has a field of that name."""
    for form in forms_of(response):
        if (form_id and form.id == form_id) or (having and having in form.names):
            return form
    raise AssertionError(f"no form {form_id or having}")


def send(client: Any, url: str, data: QueryDict, **extra: Any) -> Any:
    """Post as a form with files does; `files` as name → upload or list of uploads."""
    body: dict[str, Any] = {name: data.getlist(name) for name in data}
    body |= extra.pop("files", {})
    return client.post(url, body, **extra)
