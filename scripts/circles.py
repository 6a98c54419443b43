"""Finds files of one crate that use each other in a circle.

A file uses another when a path in its code (`use` or in place) leads to an item that the other file defines. Re-exports are followed to the
defining file, and do not count as a use themselves. `mod` declarations, comments, strings and `#[cfg(test)]` modules do not count either.
Method calls are not seen: without types, nobody can tell which file defines the method.
"""

import re

SKIPPED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\br(\#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^\\'])'""", re.DOTALL
)
TESTS = re.compile(r"#\[cfg\(test\)\]\s*mod \w+ \{.*?^\}", re.DOTALL | re.MULTILINE)
USE = re.compile(r"^[ \t]*(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);", re.MULTILINE)
# rustfmt puts the items of a file, and no others, at the beginning of a line.
ITEM = re.compile(
    r"^(?:pub(?:\([^)]*\))? )?(?:async |unsafe )*(?:struct|enum|trait|union|const fn|fn|const|static|type|macro_rules!) (\w+)",
    re.MULTILINE,
)
PATH = re.compile(r"(?<![\w:.$])(?:\$?crate|[A-Za-z_]\w*)(?:::[A-Za-z_]\w*)+")


def without_text(source):
    """Blanks comments, strings and test modules; keeps the line numbers."""
    blank = lambda match: "\n" * match.group(0).count("\n") or " "
    return TESTS.sub(blank, SKIPPED.sub(blank, source))


def leaves(tree, prefix=()):
    """The (path, name in scope) pairs of a `use` tree."""
    tree = tree.strip()
    if not tree:
        return
    head, brace, rest = tree.partition("{")
    parts = tuple(part for part in re.split(r"::|\s+", head.strip()) if part)
    if not brace:
        if "as" in parts:
            yield prefix + parts[:-2], parts[-1]
        elif parts[-1] == "self":
            yield prefix + parts[:-1], (prefix + parts)[-2]
        else:
            yield prefix + parts, parts[-1]
        return
    depth, start, inner = 0, 0, rest[: rest.rindex("}")]
    for position, character in enumerate(inner + ","):
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            yield from leaves(inner[start:position], prefix + parts)
            start = position + 1


class Crate:
    """The modules of a crate, by path: `()` is the root."""

    def __init__(self, src):
        self.files, self.items, self.names, self.uses, self.code = {}, {}, {}, {}, {}
        for path in sorted(src.rglob("*.rs")):
            module = path.relative_to(src).with_suffix("").parts
            if module == ("main",) or module[0] == "bin":
                continue
            module = () if module == ("lib",) else module[:-1] if module[-1] == "mod" else module
            self.files[module] = path
        for module, path in self.files.items():
            code = without_text(path.read_text(encoding="utf-8"))
            self.names[module], self.uses[module] = {}, []
            for match in USE.finditer(code):
                line = code.count("\n", 0, match.start(2)) + 1
                for leaf, name in leaves(match.group(2)):
                    self.uses[module].append((line, leaf, name, (match.group(1) or "").strip()))
                    self.names[module].setdefault(name, leaf)
            self.code[module] = USE.sub(lambda match: "\n" * match.group(0).count("\n"), code)
            self.items[module] = set(ITEM.findall(code))

    def absolute(self, module, path):
        """The path from the root of the crate; None when it leads to another crate."""
        if path[0] in ("crate", "$crate"):
            return path[1:]
        here = list(module)
        if path[0] in ("super", "self"):
            while path and path[0] in ("super", "self"):
                if path[0] == "super":
                    if not here:
                        return None
                    here.pop()
                path = path[1:]
            return (*here, *path)
        if (*module, path[0]) in self.files or path[0] in self.names[module]:
            return (*module, *path)
        return None

    def resolve(self, path, seen=frozenset()):
        """The module whose file defines what the path leads to, and whether the path ends at that module itself."""
        module, rest = (), list(path)
        while rest:
            name = rest[0]
            if (*module, name) in self.files:
                module, rest = (*module, name), rest[1:]
                continue
            if name in self.names[module] and name not in self.items[module] and (module, name) not in seen:
                target = self.absolute(module, self.names[module][name])
                if target is None or target[: len(module) + 1] == (*module, name):
                    return None, False
                return self.resolve((*target, *rest[1:]), seen | {(module, name)})
            return module, False
        return module, True

    def edges(self):
        """For every file the files that it uses, each with the line of one such use."""
        found = {module: {} for module in self.files}
        for module in self.files:
            code = self.code[module]

            def note(line, path):
                target = self.absolute(module, path)
                if target is None:
                    return
                used, whole = self.resolve(target)
                is_folder = used is not None and any(other[:-1] == used for other in self.files if other)
                # A module that is only named says nothing yet if it re-exports: the paths below it are looked at by themselves.
                if used is not None and used != module and not (whole and is_folder):
                    found[module].setdefault(used, line)

            for line, path, name, visibility in self.uses[module]:
                if not visibility or re.search(rf"\b{name}\b", code):
                    note(line, path)
            for match in PATH.finditer(code):
                note(code.count("\n", 0, match.start()) + 1, tuple(match.group(0).split("::")))
        return found


def groups(edges):
    """The strongly connected components with more than one file (Tarjan)."""
    index, low, stack, result = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = set()
            while node not in group:
                group.add(stack.pop())
            if len(group) > 1:
                result.append(group)

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return result


def shortest(edges, group):
    """The shortest circles of a group, as few as reach each of its files."""
    circles, covered = [], set()
    for start in sorted(group):
        if start in covered:
            continue
        queue, came = [start], {start: None}
        while queue:
            node = queue.pop(0)
            if start in edges[node]:
                circle = []
                while node is not None:
                    circle.append(node)
                    node = came[node]
                circles.append(circle[::-1])
                covered.update(circle)
                break
            for other in sorted(edges[node]):
                if other in group and other not in came:
                    came[other] = node
                    queue.append(other)
    return circles


def circles(src):
    """The circles of the crate in this folder: a list of (file, line, used file) triples each."""
    crate = Crate(src)
    edges = crate.edges()
    for group in groups(edges):
        for circle in shortest(edges, group):
            pairs = zip(circle, circle[1:] + circle[:1])
            yield [(crate.files[one], edges[one][other], crate.files[other]) for one, other in pairs]
