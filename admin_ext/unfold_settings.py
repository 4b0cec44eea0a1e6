"""Settings of the admin theme. No Django imports: config/settings.py reads this while it is being made."""

from __future__ import annotations

from typing import Any

# The scale of the accent (deep teal #0f6a82) and the greys of the pictures.
PRIMARY = {
    "50": "#f0f8fa",
    "100": "#d9edf2",
    "200": "#a9d5e0",
    "300": "#7cc0d0",
    "400": "#4fa3b8",
    "500": "#2b86a0",
    "600": "#0f6a82",
    "700": "#0e566a",
    "800": "#0c4656",
    "900": "#0a3744",
    "950": "#06222b",
}
BASE = {
    "50": "#f9fafb",
    "100": "#f3f4f6",
    "200": "#e5e7eb",
    "300": "#d1d5db",
    "400": "#9ca3af",
    "500": "#5b6472",
    "600": "#4b5563",
    "700": "#374151",
    "800": "#1f2937",
    "900": "#111827",
    "950": "#0d131f",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Redraw CRM",
    "SITE_HEADER": "Redraw CRM",
    "SITE_URL": "/",
    "SITE_SYMBOL": "route",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": PRIMARY, "base": BASE},
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/redraw/mark.svg"}],
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {"show_search": False, "command_search": False, "show_all_applications": False, "navigation": []},
}
