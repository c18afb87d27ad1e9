"""How large is a frame?

As large as its parts, side by side. Then it is an item of the level around it, like a box.

Read next: `points.py`.
"""

from __future__ import annotations

from autograd.drawing.layout.flow import along, head_of, lanes, shift
from autograd.drawing.layout.items import Layout, Part
from autograd.drawing.layout.places import across


def measure(layout: Layout, level: int) -> None:
    """Where the items of a level stand, from its corner, and how large it is."""
    for part in layout.parts[level]:
        across(layout, part)
        lanes(layout, part)
        along(layout, part, level)
    pack(layout, level)


def pack(layout: Layout, level: int) -> None:
    """Parts side by side, small ones below each other; and so the size of the level."""
    parts, spacing = layout.parts[level], layout.spacing
    pad = 0 if level < 0 else spacing.pad
    head = head_of(layout, level)
    side = pad + (spacing.title if layout.sideways and level >= 0 else 0)
    area = sum((part.flow + spacing.flow) * (part.cross + spacing.cross) for part in parts)
    limit = 1
    while limit * limit < area:
        limit += limit // 8 + 1
    limit = max([limit, *(part.flow for part in parts)])
    flow, cross, width, total = head, side, 0, head
    for part in parts:
        ported = bool(part.entries or part.exits)
        if width and flow + part.flow - head > limit:
            flow, cross, width = head, cross + width + spacing.cross, 0
        move(layout, part, 0 if ported else flow - head, cross)
        width = max(width, part.cross)
        total = max(total, (flow - head) + part.flow + (0 if part.exits else pad))
        flow = limit + head if ported else flow + part.flow - head + spacing.flow
    cross += width + pad
    if level < 0:
        layout.size = (total, cross)
        return
    title = layout.frames[level][1] + 2 * pad
    if layout.sideways:
        total = max(total, title)
    elif cross < title:
        for part in parts:
            move(layout, part, 0, (title - cross) // 2)
        cross = title
    for part in parts:
        if part.exits:
            part.start[-1] = part.end[-1] = total
            for i in part.exits:
                layout.y[i] = total
    frame = layout.count + level
    layout.flow[frame], layout.cross[frame] = max(total, head + pad), cross


def move(layout: Layout, part: Part, flow: int, cross: int) -> None:
    """A part and all that is in it go elsewhere."""
    shift(layout, part, 0, len(part.rows), flow, cross)
    part.bridges = {key: (out + flow, lane + cross, back + flow) for key, (out, lane, back) in part.bridges.items()}
    for net in part.nets:
        net.lane += cross
        net.out += flow
        for t in net.back:
            net.back[t] += flow
