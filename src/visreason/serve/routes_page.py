"""The API's description as a page to read, made from the OpenAPI document: nothing of it comes from elsewhere."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 22%, transparent); }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); text-transform: capitalize; }
h3 { margin-bottom: 0; font-size: 1.05rem; }
code { font-family: ui-monospace, monospace; font-size: 0.92em; }
.method { display: inline-block; min-width: 3.2rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin: 0.6rem 0 1.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-weight: 500; opacity: 0.75; }
"""
"""The page's style sheet."""

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: the HTTP API</title><link rel="stylesheet" href="{style}"></head><body><main>
<h1>{title}: the HTTP API</h1>
"""
_TAIL = "</main></body></html>\n"


def routes_page(document: Mapping[str, Any], style: str) -> str:
    """A page of all routes, then of all objects that they take and give.

    Args:
        document: of OpenAPI 3.1, as FastAPI makes it.
        style: where the style sheet is.

    Example:
        >>> operation = {"tags": ["system"], "summary": "Health", "responses": {}}
        >>> document = {"info": {"title": "studio"}, "paths": {"/health": {"get": operation}}}
        >>> "<code>/health</code>" in routes_page(document, "docs.css")
        True
    """
    info = document["info"]
    parts = [_HEAD.format(title=escape(info["title"]), style=escape(style))]
    parts += [f"<p>{escape(info.get('description', ''))}</p>"]
    tags: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).append(_route(method.upper(), path, operation))
    for tag, routes in tags.items():
        parts += [f"<h2>{escape(tag)}</h2>", *routes]
    parts.append("<h2>Objects</h2>")
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        if "properties" in schema:
            parts.append(f'<h3 id="{escape(name)}">{escape(name)}</h3>')
            parts += [f"<p>{_prose(schema)}</p>", _fields(schema)]
    return "".join([*parts, _TAIL])


def _route(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """One route: what it does, takes and gives."""
    lines = [
        f'<h3><span class="method">{method}</span> <code>{escape(path)}</code></h3><p>{_prose(operation)}</p>'
    ]
    told = []
    if "requestBody" in operation:
        told.append(f"takes {_content(operation['requestBody'])}")
    if "200" in operation["responses"]:
        told.append(f"gives {_content(operation['responses']['200'])}")
    refused = [status for status in operation["responses"] if status != "200"]
    if refused:
        told.append(f"may answer {', '.join(refused)}")
    return "".join([*lines, f"<p>{'; '.join(told)}</p>" if told else ""])


def _content(body: Mapping[str, Any]) -> str:
    """What a body holds."""
    return " or ".join(
        _type(content["schema"]) if kind == "application/json" and "schema" in content else escape(kind)
        for kind, content in body.get("content", {}).items()
    )


def _fields(schema: Mapping[str, Any]) -> str:
    """The fields of an object as a table."""
    required = schema.get("required", ())
    rows = "".join(
        f"<tr><th scope=row><code>{escape(name)}</code></th><td>{_type(field)}</td>"
        f"<td>{'' if name in required else 'optional'}</td><td>{escape(field.get('description', ''))}</td></tr>"
        for name, field in schema["properties"].items()
    )
    head = "".join(f"<th scope=col>{name}</th>" for name in ("field", "type", "", "meaning"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _type(schema: Mapping[str, Any]) -> str:
    """A type in words, with links to objects."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(map(_type, schema[several]))
    if "enum" in schema:
        return _words(schema["enum"])
    if "const" in schema:
        return _words([schema["const"]])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    limits = [
        f"{sign} {schema[key]:g}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in schema
    ]
    return " ".join([escape(str(schema.get("type", "anything"))), *limits])


def _words(values: Iterable[Any]) -> str:
    return " | ".join(f"<code>{escape(str(value))}</code>" for value in values)


def _prose(described: Mapping[str, Any]) -> str:
    """What a docstring says."""
    return escape(str(described.get("description", described.get("summary", ""))))
