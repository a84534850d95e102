"""Who may ask, fix, approve and administer what: the policy file and its decision. Pure; it knows nobody but by name.

    rules:
    - may: [ask]                    # ask, fix, approve, admin; each of the others includes ask on the same ground
      who: everybody                # or a list: U012ABC, S045DEF, "@sre", jane@example.com, "*@example.com", a login
    - may: [fix]
      who: ["@sre"]
      members: true                 # only on clusters that name the person (or their group) as owner or member
      clusters: ["shop-*"]          # globs; so are zones and namespaces
      zones: [kr-1]
      namespaces: [shop]

Rules only add: what no rule grants is refused, and every further key narrows its rule. A rule for some namespaces does
not reach a whole cluster. Without a file everybody may ask and nobody may change anything; ``rules: []`` grants nothing
at all, and an empty file is refused, because it is rather cut off than meant.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import yaml

from knowledge.said import Said

ROLES = ("ask", "fix", "approve", "admin")

_PERSON = re.compile(
    r"[UW][A-Z0-9]{2,}|S[A-Z0-9]{2,}|@[\w.-]+|(?:\*|[\w.+-]+)@[\w-]+(?:\.[\w-]+)+|[a-z_][a-z0-9._-]*", re.ASCII
)
_GLOB = re.compile(r"\S+")
_GROUP = re.compile(r"S[A-Z0-9]{2,}|@[\w.-]+", re.ASCII)


class PolicyError(Exception):
    """The file cannot be read as a policy. ``says`` names the line and what is wrong there."""

    def __init__(self, says: Said) -> None:
        super().__init__(says.template.format(**says.values))
        self.says = says


@dataclass(frozen=True)
class Who:
    """A person as Slack or the terminal vouches for them. What people can choose themselves, like a display name, is
    not here. ``groups``: ids and handles of user groups. ``stranger``: of another workspace, may nothing ever."""

    id: str
    email: str = ""
    groups: frozenset[str] = frozenset()
    stranger: bool = False

    def is_one_of(self, names: Sequence[str]) -> bool:
        return any(self._is(name) for name in names if name)

    def _is(self, name: str) -> bool:
        if name == self.id:
            return True
        if name.startswith("*@"):
            return self.email.lower().endswith(name[1:].lower())
        if _GROUP.fullmatch(name):
            return name.lstrip("@") in {group.lstrip("@") for group in self.groups}
        return "@" in name and name.lower() == self.email.lower()


@dataclass(frozen=True)
class Rule:
    """One rule. An empty tuple of clusters, zones or namespaces does not narrow."""

    may: tuple[str, ...]
    who: tuple[str, ...] = ()
    everybody: bool = False
    members: bool = False
    clusters: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    def grants(self, role: str) -> bool:
        return role in self.may or (role == "ask" and bool(self.may))

    def is_for(self, person: Who) -> bool:
        return self.everybody or person.is_one_of(self.who)

    def covers(self, cluster: str, zone: str, namespace: str) -> bool:
        grounds = ((self.clusters, cluster), (self.zones, zone), (self.namespaces, namespace))
        return all(not globs or any(fnmatchcase(value, glob) for glob in globs) for globs, value in grounds)


@dataclass(frozen=True)
class Policy:
    """The rules of one file."""

    rules: tuple[Rule, ...]

    @classmethod
    def open(cls) -> "Policy":
        """The policy where no file is given: everybody may ask."""
        return cls((Rule(may=("ask",), everybody=True),))

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Raises PolicyError for anything that is not understood: a typo must not open a door."""
        return cls(tuple(_rules(text)))

    def may(
        self,
        role: str,
        person: Who,
        *,
        cluster: str,
        zone: str = "",
        namespace: str = "",
        members: Sequence[str] = (),
        owner: str = "",
    ) -> bool:
        """Whether some rule grants it. ``namespace=""`` is the whole cluster; members and owner are the inventory's."""
        if person.stranger:
            return False
        own = person.is_one_of((owner, *members))
        return any(
            rule.grants(role)
            and rule.is_for(person)
            and (own or not rule.members)
            and rule.covers(cluster, zone, namespace)
            for rule in self.rules
        )

    def roles(self, person: Who) -> frozenset[str]:
        """The roles that a person holds somewhere, be it only on clusters of their own."""
        if person.stranger:
            return frozenset()
        mine = [rule for rule in self.rules if rule.is_for(person)]
        return frozenset(role for role in ROLES if any(rule.grants(role) for rule in mine))

    @property
    def names_groups(self) -> bool:
        """Whether a decision may depend on user groups, so that a face must look them up."""
        return any(rule.members or any(_GROUP.fullmatch(name) for name in rule.who) for rule in self.rules)


def _rules(text: str) -> Iterator[Rule]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(Said("Line {line} is not YAML: {problem}.", line=line, problem=error.problem or "")) from None
    except yaml.YAMLError:
        raise PolicyError(Said("This is not a text file in YAML.")) from None
    if root is None:
        raise PolicyError(Said("The file is empty. Write `rules: []` when nobody may do anything."))
    fields = _fields(root, ("rules",))
    if "rules" not in fields:
        raise PolicyError(Said("Line {line}: `{field}` is missing.", line=_line(root), field="rules"))
    for node in _items(fields["rules"], "rules"):
        yield _rule(node)


def _rule(node: yaml.Node) -> Rule:
    fields = _fields(node, ("may", "who", "members", "clusters", "zones", "namespaces"))
    members = "members" in fields and _flag(fields["members"])
    for field in ("may",) if members else ("may", "who"):
        if field not in fields:
            raise PolicyError(Said("Line {line}: `{field}` is missing.", line=_line(node), field=field))
    everybody = "who" not in fields or _is_text(fields["who"], "everybody")
    return Rule(
        may=_checked(fields["may"], "may", re.compile("|".join(ROLES))),
        who=() if everybody else _checked(fields["who"], "who", _PERSON),
        everybody=everybody,
        members=members,
        **{name: _checked(fields[name], name, _GLOB) for name in ("clusters", "zones", "namespaces") if name in fields},
    )


def _fields(node: yaml.Node, known: tuple[str, ...]) -> dict[str, yaml.Node]:
    """A mapping's fields; unknown and repeated ones are refused."""
    if not isinstance(node, yaml.MappingNode):
        raise PolicyError(Said("Line {line}: expected fields ({known}).", line=_line(node), known=", ".join(known)))
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in known:
            raise PolicyError(
                Said(
                    "Line {line}: `{field}` is not known; known are {known}.",
                    line=_line(key),
                    field=name,
                    known=", ".join(known),
                )
            )
        if name in found:
            raise PolicyError(Said("Line {line}: `{field}` stands twice.", line=_line(key), field=name))
        found[name] = value
    return found


def _items(node: yaml.Node, field: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise PolicyError(Said("Line {line}: `{field}` is a list.", line=_line(node), field=field))
    return list(node.value)


def _checked(node: yaml.Node, field: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """A list of names, none of them empty or of a strange form. An empty list would read as "not narrowed"."""
    items = _items(node, field)
    for item in items:
        if not isinstance(item, yaml.ScalarNode) or not pattern.fullmatch(item.value):
            value = item.value if isinstance(item, yaml.ScalarNode) else ""
            raise PolicyError(
                Said("Line {line}: `{value}` does not fit in `{field}`.", line=_line(item), value=value, field=field)
            )
    if not items:
        raise PolicyError(Said("Line {line}: `{field}` is an empty list.", line=_line(node), field=field))
    return tuple(str(item.value) for item in items)


def _flag(node: yaml.Node) -> bool:
    if node.tag == "tag:yaml.org,2002:bool" and str(node.value).lower() in ("true", "false"):
        return str(node.value).lower() == "true"
    raise PolicyError(Said("Line {line}: `members` is true or false.", line=_line(node)))


def _is_text(node: yaml.Node, text: str) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
