"""The look of a drawing: one style sheet, everything under the class `rd-drawing`.

Colours are custom properties, so that a page may set its own (and dark ones under `.dark`). Classes of a node:
`rd-node`, `rd-<kind>` and, by state, `rd-active` (a token is on it), `rd-done`, `rd-late`; of a flow: `rd-flow`,
`rd-taken`; of badges: `rd-token`, `rd-badge`, `rd-alert`. What differs from another version is `rd-added`, `rd-removed`, `rd-changed` or
`rd-moved`, told by colour, by the style of its lines and by a sign. With figures of many runs a node has `rd-heat-1` to `rd-heat-4`.
"""

DRAWING_CSS = """
.rd-drawing{--ink:#334155;--soft:#64748b;--line:#cbd5e1;--paper:#fff;--band:#f8fafc;--text:#0f172a;
--accent:#0f6a82;--tint:#e0f0f4;--done:#f1f5f9;--late:#b91c1c;--late-tint:#fef2f2;
--heat-1:#fff3e0;--heat-2:#fddcb0;--heat-3:#fbbd77;--heat-4:#f79a43;
font-family:Inter,"Noto Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif;font-size:11px;
max-width:100%;height:auto;display:block}
.dark .rd-drawing{--ink:#cbd5e1;--soft:#94a3b8;--line:#475569;--paper:#0f172a;--band:#1e293b;--text:#f1f5f9;
--accent:#4fb3cb;--tint:#12333d;--done:#1e293b;--late:#f87171;--late-tint:#3b1518;
--heat-1:#2f2614;--heat-2:#4d3614;--heat-3:#704814;--heat-4:#955a12}
.rd-drawing text{fill:var(--text);stroke:none}
.rd-drawing .rd-task-text{font-weight:500}
.rd-drawing .rd-label{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.rd-drawing .rd-pool,.rd-drawing .rd-lane{fill:none;stroke:var(--line);stroke-width:1.25}
.rd-drawing .rd-pool-paper{fill:var(--paper);stroke:none}
.rd-drawing .rd-head{fill:var(--band);stroke:var(--line);stroke-width:1.25}
.rd-drawing .rd-head-text{font-weight:600;fill:var(--ink)}
.rd-drawing .rd-body{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}
.rd-drawing .rd-inner{fill:none;stroke:var(--ink);stroke-width:1.25}
.rd-drawing .rd-thick{stroke-width:3}
.rd-drawing .rd-dashed{stroke-dasharray:4 3}
.rd-drawing .rd-dotted{stroke-dasharray:1.5 3;stroke-linecap:round}
.rd-drawing .rd-icon{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-linejoin:round;stroke-linecap:round}
.rd-drawing .rd-icon-full{fill:var(--ink);stroke:var(--ink);stroke-width:1;stroke-linejoin:round}
.rd-drawing .rd-icon-cut{fill:none;stroke:var(--paper);stroke-width:1.2;stroke-linejoin:round}
.rd-drawing .rd-strong{stroke-width:2.2}
.rd-drawing .rd-flow path{fill:none;stroke:var(--ink);stroke-width:1.25}
.rd-drawing .rd-flow .rd-arrow{fill:var(--ink);stroke:none}
.rd-drawing .rd-flow .rd-open{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}
.rd-drawing .rd-flow .rd-angle{fill:none}
.rd-drawing .rd-messageFlow path,.rd-drawing .rd-association path{stroke:var(--soft)}
.rd-drawing .rd-messageFlow .rd-open{stroke:var(--soft)}
.rd-drawing .rd-taken path{stroke:var(--accent);stroke-width:2}
.rd-drawing .rd-taken .rd-arrow{fill:var(--accent)}
.rd-drawing .rd-group{fill:none;stroke:var(--soft);stroke-width:1.25;stroke-dasharray:8 3 2 3}
.rd-drawing .rd-note{fill:none;stroke:var(--soft);stroke-width:1.25}
.rd-drawing .rd-note-text{fill:var(--soft)}
.rd-drawing .rd-done>.rd-body{fill:var(--done)}
.rd-drawing .rd-done .rd-task-text{fill:var(--soft)}
.rd-drawing .rd-active>.rd-body{fill:var(--tint);stroke:var(--accent);stroke-width:2.25}
.rd-drawing .rd-active>.rd-inner{stroke:var(--accent)}
.rd-drawing .rd-active .rd-task-text{fill:var(--accent);font-weight:600}
.rd-drawing .rd-active .rd-icon{stroke:var(--accent)}
.rd-drawing .rd-late>.rd-body{fill:var(--late-tint);stroke:var(--late)}
.rd-drawing .rd-late .rd-task-text{fill:var(--late)}
.rd-drawing .rd-late .rd-icon{stroke:var(--late)}
.rd-drawing .rd-heat-1>.rd-body{fill:var(--heat-1)}
.rd-drawing .rd-heat-2>.rd-body{fill:var(--heat-2)}
.rd-drawing .rd-heat-3>.rd-body{fill:var(--heat-3)}
.rd-drawing .rd-heat-4>.rd-body{fill:var(--heat-4)}
.rd-drawing .rd-figure{font-weight:600}
.rd-drawing .rd-token rect{fill:var(--accent);stroke:var(--paper);stroke-width:1.5}
.rd-drawing .rd-token.rd-late rect{fill:var(--late)}
.rd-drawing .rd-badge rect{fill:var(--text);stroke:var(--paper);stroke-width:1.5}
.rd-drawing .rd-alert rect{fill:var(--late);stroke:var(--paper);stroke-width:1.5}
.rd-drawing .rd-token text,.rd-drawing .rd-badge text,.rd-drawing .rd-alert text{fill:var(--paper);font-weight:600;font-size:10.5px}
.rd-drawing{--added:#15803d;--added-tint:#dcfce7;--removed:#b91c1c;--removed-tint:#fee2e2;--changed:#b45309;--changed-tint:#fef3c7;
--moved:#1d4ed8;--moved-tint:#dbeafe}
.dark .rd-drawing{--added:#4ade80;--added-tint:#123a24;--removed:#f87171;--removed-tint:#4a1a1e;--changed:#fbbf24;--changed-tint:#453110;
--moved:#93c5fd;--moved-tint:#1c3159}
.rd-drawing .rd-added{--mark:var(--added);--mark-tint:var(--added-tint)}
.rd-drawing .rd-removed{--mark:var(--removed);--mark-tint:var(--removed-tint)}
.rd-drawing .rd-changed{--mark:var(--changed);--mark-tint:var(--changed-tint)}
.rd-drawing .rd-moved{--mark:var(--moved);--mark-tint:var(--moved-tint)}
.rd-drawing :is(.rd-added,.rd-removed,.rd-changed,.rd-moved)>.rd-body{fill:var(--mark-tint);stroke:var(--mark);stroke-width:2.25}
.rd-drawing :is(.rd-added,.rd-removed,.rd-changed,.rd-moved)>:is(.rd-lane,.rd-pool,.rd-note,.rd-group){stroke:var(--mark);stroke-width:2.25}
.rd-drawing .rd-flow:is(.rd-added,.rd-removed,.rd-changed,.rd-moved) path{stroke:var(--mark);stroke-width:2.25}
.rd-drawing .rd-flow:is(.rd-added,.rd-removed,.rd-changed,.rd-moved) .rd-arrow{fill:var(--mark);stroke:none}
.rd-drawing .rd-removed>.rd-body,.rd-drawing .rd-flow.rd-removed path{stroke-dasharray:7 4}
.rd-drawing .rd-moved>.rd-body,.rd-drawing .rd-flow.rd-moved path{stroke-dasharray:2 3}
.rd-drawing .rd-flow .rd-arrow{stroke-dasharray:none}
.rd-drawing .rd-change rect{fill:var(--mark);stroke:var(--paper);stroke-width:1.5}
.rd-drawing .rd-change text{fill:var(--paper);font-weight:600;font-size:10.5px}
.rd-drawing .rd-shown>:is(.rd-body,.rd-lane,.rd-pool,.rd-note){stroke-width:5}
.rd-drawing .rd-flow.rd-shown path{stroke-width:5}
@media print{.rd-drawing{--paper:#fff;--text:#000;--ink:#333}}
""".strip()
