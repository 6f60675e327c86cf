"""A trace as a tree on the terminal, that folds what repeats. 追溯树"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from rich.text import Text
from rich.tree import Tree

from suyuan.errors import Language
from suyuan.trace import Trace, TracedObject

__all__ = ["trace_tree"]

_OBJECTS_MAX = 50_000  # More than this nobody reads; the summary and the exports have them all.
_SHOWN_OF_PRODUCT = 3
_DEPTH_MAX = 30
_LINES_MAX = 400
_ROOT = "https://id.gs1.org"


@dataclass
class _Step:
    """One transformation: when, by which event, and what it leads on to."""

    label: str
    then: list[str] = field(default_factory=list)


class _Growing:
    """What the tree is grown from."""

    def __init__(self, trace: Trace, language: Language) -> None:
        self.is_back = trace.direction == "back"
        self.is_chinese = language == "zh"
        self.objects: dict[str, TracedObject] = {one.uri: one for one in trace.objects()}
        self.steps: dict[int, _Step] = {}
        self.from_object: dict[str, list[int]] = defaultdict(list)
        self.belonging: dict[str, list[str]] = defaultdict(list)
        self.seen: set[str] = set()
        self.lines = 0
        for link in trace.links():
            step = self.steps.setdefault(
                link.transformation,
                _Step(f"{link.event_time:%Y-%m-%d %H:%MZ}  #{link.sequence:,}"),
            )
            if link.into is self.is_back:
                step.then.append(link.object)
            elif link.transformation not in self.from_object[link.object]:
                self.from_object[link.object].append(link.transformation)
        for one in (*self.objects.values(), *trace.start_objects()):
            if one.lot is not None:
                ends = (one.uri, one.lot) if self.is_back else (one.lot, one.uri)
                self.belonging[ends[0]].append(ends[1])

    def say(self, english: str, chinese: str) -> str:
        return chinese if self.is_chinese else english

    def grow(self, tree: Tree, uri: str, depth: int) -> None:
        """Hang everything that an object leads to below it."""
        self.seen.add(uri)
        if depth >= _DEPTH_MAX or self.lines > _LINES_MAX:
            if self.from_object[uri] or self.belonging[uri]:
                tree.add(Text(self.say("… more, see the exports", "……更多见导出"), "dim"))
            return
        if self.belonging[uri]:
            self._hang(tree, self.belonging[uri], depth)
        for number in self.from_object[uri]:
            step = self.steps[number]
            self.lines += 1
            arrow = "⇐" if self.is_back else "⇒"
            self._hang(tree.add(Text(f"{arrow} {step.label}", "cyan")), step.then, depth)

    def _hang(self, tree: Tree, uris: list[str], depth: int) -> None:
        """Hang objects, some of each product, and how many more there are."""
        by_product: dict[str | None, list[str]] = defaultdict(list)
        for uri in dict.fromkeys(uris):
            known = self.objects.get(uri)
            by_product[known.product if known else None].append(uri)
        for product, alike in by_product.items():
            for uri in alike[:_SHOWN_OF_PRODUCT]:
                self.lines += 1
                branch = tree.add(self._name(uri))
                if uri not in self.seen:
                    self.grow(branch, uri, depth + 1)
            hidden = len(alike) - _SHOWN_OF_PRODUCT
            if hidden > 0:
                name = (product or "").removeprefix(_ROOT)
                more = self.say(f"… and {hidden:,} more", f"……另有 {hidden:,} 个")
                tree.add(Text(f"{more}  {name}", "dim"))
                self.seen.update(alike)

    def _name(self, uri: str) -> Text:
        known = self.objects.get(uri)
        text = Text(uri.removeprefix(_ROOT))
        if known is not None and known.grade == "possible":
            text.append(self.say("  possible", "  可能"), "yellow")
        if known is not None and isinstance(known.portion, float):
            text.append(f"  {known.portion:,.3f} {known.uom}", "green")
        if uri in self.seen and (self.from_object[uri] or self.belonging[uri]):
            text.append(self.say("  (see above)", "  （见上文）"), "dim")
        return text


def trace_tree(trace: Trace, language: Language) -> Tree | Text:
    """Draw an answer; of a very large one say how to get it."""
    if trace.count > _OBJECTS_MAX:
        return Text(
            "  （太多，不画成树；用 --csv、--xlsx 或 --ndjson 导出全部）"
            if language == "zh"
            else "  (too many to draw; --csv, --xlsx and --ndjson have them all)",
            "dim",
        )
    growing = _Growing(trace, language)
    root = Tree("", hide_root=True)
    for start in trace.starts:
        growing.grow(root.add(Text(start.removeprefix(_ROOT), "bold")), start, 0)
    return root
