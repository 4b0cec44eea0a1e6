"""Texts of FEEL at random, by its grammar: every construct and every built-in function, mostly right and often wrong."""

from __future__ import annotations

from random import Random

from processes.feel.builtins import BUILTINS
from processes.feel.builtins.registry import Parameter, Signature

from .traps import FIELDS, NAMES

FUNCTIONS = sorted(BUILTINS)
NUMBERS = (
    "0", "1", "2", "3", "-1", "0.5", "10", "100", "12345678901234567890123456789012345", "-0", ".5", "9" * 50, "0." + "0" * 40 + "1", "(10 ** 6000)",
    "(10 ** -6000)", "999999999999", "3.14159", "60", "2026", "-2147483649", "1 / 3", "999999999", "6144", "-6111",
)  # fmt: skip
TEXTS = (
    '""', '"a"', '"abc"', '"a b c"', '"中文"', r'"\uD83D\uDE00"', r'"\uD800"', r'"\U01F600"', r'"\UFFFFFF"', r'"\n\t\"\\"', '"x\u0000y"', '"é"', '"e\u0301"',
    '"ß"', '"İ"', '"a,b;c"', '"1,234.5"', '"P1D"', '"-P1Y2M"', '"PT0.000000001S"', '"2026-11-22"', '"10:30:00"', '"10:30:00@Asia/Shanghai"',
    '"2026-11-22T10:30:00Z"', '"-999999999-12-31"', '"24:00:00"', '"2026-02-30"', '"P99999999999999999999D"', '"[1..5]"', '"(date(\\"2026-01-01\\")..@\\"2026-02-01\\"]"',
    '"T10:00:00@../../etc/passwd"', '"__class__"', '"name"', '"{0.__class__}"', '"%s%n"', '"%(python)s"', '"' + "ab" * 300 + '"', '"' + "9" * 7000 + '"', '"' + "a" * 60 + '!"',
)  # fmt: skip
PATTERNS = (
    '"a"', '"[a-c]+"', '"(a+)+$"', '"(a|a)*b"', '"(a|ab)(c|bcd)(d*)"', '"\\\\d{2,5}"', '"^.*$"', '"((((a*)*)*)*)*"', '"(.*)(.*)(.*)(.*)x"', '"[\\\\w-[aeiou]]"', '"\\\\p{L}+"',
    '"\\\\p{IsGreek}"', '"\\\\p{Nope}"', '"(?=a)"', '"(?P<x>a)"', '"\\\\1"', '"(a)\\\\1"', '"[z-a]"', '"*"', '"("', '"[]"', '"{1000}"', '"((a{0,1000}){0,1000}){0,1000}"', '"(a?){1000}a{1000}"',
    '"' + "(" * 200 + "a" + ")" * 200 + '"', '"\\\\i\\\\c*"', '""', '"a|"', '"(((){1000}){1000}){1000}"', '"\\\\b"', '"."', '"[^\\\\s]"', '"[\\\\]"', '"a{99999999999999999999}"',
)  # fmt: skip
CALM = ('"a"', '"[a-c]+"', '"b|c"', '"\\\\d{2,5}"', '" "', '"(a)(b)?"', '"[\\\\w-[aeiou]]"', '"中"', '"\\\\p{L}+"', "s")
TEMPORAL = (
    '@"2026-11-22"', '@"10:30:00"', '@"2026-11-22T10:30:00+08:00"', '@"P1D"', '@"P1Y2M"', '@"nonsense"', '@"2026-11-22T10:30:00@Europe/Paris"', "today()", "now()",
    '@"999999999-12-31"', '@"-P999999999Y"', '@"PT0.000000001S"', '@"23:59:59.999999999"', '@"0001-01-01T00:00:00@America/New_York"', '@"9999-12-31T23:59:59-18:00"',
)  # fmt: skip
TYPES = (
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration", "years and months duration", "Any", "Null", "list<number>",
    "list<list<Any>>", "context<a: number, b: list<string>>", "range<number>", "function<number, string -> boolean>", "function<-> Any>", "tNope", "list", "context<>", "list<>",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", " and ", " or ")
LOCALS = ("x", "y", "item", "partial", "long name", "数", "\U00020000", "f", "x1")
ODD_NAMES = ("Pre-bureau risk", "x.y", "a'b", "?", "a + b", "for", "in between", "__init__", "1x", "date and time")
ODD_NUMBERS = ("1e5", "1" + "0" * 7000, "1..2", "0x10", "٣", "1_000")
PROPERTIES = (
    "year", "month", "day", "weekday", "hour", "second", "timezone", "time offset", "days", "hours", "years", "months", "start", "end included", "__class__", "password",
    "__globals__", "null", "for", "length", "keys", "get", "_fields", "real", "value", "key",
)  # fmt: skip
NOISE = ("(", ")", "[", "]", "{", "}", '"', "..", ",", ":", ".", "@", "//", "/*", "*/", "\\", "\x00", "\u200b", "\ufeff", "\ud800", "\U0001f600", "“", "§", "-", "?", "\n", " ")
KEYWORDS = (
    "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "function", "external", "between", "and", "or", "instance of", "not", "null", "true",
    "false", "date and time", "item", "partial",
)  # fmt: skip


class Grammar:
    """One text from one source of chance. `room` is how many parts the text may still have."""

    def __init__(self, chance: Random, room: int = 60) -> None:
        self.chance = chance
        self.room = room
        self.known: list[str] = []

    # -- doors ----------------------------------------------------------------------------------------------------

    def text(self) -> tuple[str, bool]:
        """A text, and whether it is to be read as unary tests."""
        kind = self.chance.random()
        if kind < 0.05:
            return self.raw(), self.chance.random() < 0.5
        unary = self.chance.random() < 0.2
        found = self.tests() if unary else self.expression(self.chance.choice((1, 2, 3, 3, 4, 5)))
        return (self.mutated(found) if kind < 0.25 else found), unary

    def raw(self) -> str:
        """Any signs at all."""
        parts = (*NOISE, *KEYWORDS, *NAMES, *OPERATORS, *LOCALS)
        return "".join(self.chance.choice(parts) + self.chance.choice(("", " ")) for _ in range(self.chance.randint(0, 25)))

    def mutated(self, text: str) -> str:
        """A text with pieces left out, repeated, moved or put in."""
        for _ in range(self.chance.randint(1, 3)):
            at = self.chance.randint(0, len(text))
            to = min(len(text), at + self.chance.randint(1, 12))
            way = self.chance.randrange(5)
            if way == 0:
                text = text[:at] + text[to:]
            elif way == 1:
                text = text[:to] + text[at:to] * self.chance.choice((1, 2, 80)) + text[to:]
            elif way == 2:
                text = text[:at] + self.chance.choice(NOISE) + text[at:]
            elif way == 3:
                text = text[:at] + " " + self.chance.choice(KEYWORDS) + " " + text[to:]
            else:
                text = text[to:] + text[:at]
        return text[:20_000]

    def tests(self) -> str:
        """Unary tests."""
        if self.chance.random() < 0.05:
            return self.chance.choice(("-", "", " - ", "not(-)"))
        rows = ", ".join(self.test() for _ in range(self.chance.randint(1, 3)))
        return f"not({rows})" if self.chance.random() < 0.2 else rows

    def test(self) -> str:
        way = self.chance.random()
        if way < 0.35:
            return f"{self.chance.choice(('<', '<=', '>', '>=', '=', '!='))} {self.expression(1)}"
        if way < 0.6:
            return self.range(1)
        return f"? {self.chance.choice(OPERATORS)} {self.expression(1)}" if way < 0.7 else self.expression(2)

    # -- expressions ----------------------------------------------------------------------------------------------

    def expression(self, depth: int) -> str:
        self.room -= 1
        if depth <= 0 or self.room <= 0:
            return self.leaf()
        way = self.chance.choice(self.WAYS)
        found: str = getattr(self, way)(depth - 1)
        return f"({found})" if self.chance.random() < 0.15 else found

    WAYS = (
        "binary", "binary", "binary", "call", "call", "call", "call", "call", "condition", "loop", "quantified", "function", "list", "list", "context", "context",
        "range", "path", "path", "filter", "filter", "within", "between", "instance", "negation", "invoked", "recursive", "grown", "leaf", "deep", "growing",
    )  # fmt: skip

    def leaf(self, depth: int = 0) -> str:
        way = self.chance.random()
        if way < 0.005:
            return self.chance.choice(ODD_NUMBERS)
        if way < 0.25:
            return self.chance.choice(NUMBERS)
        if way < 0.4:
            return self.chance.choice(TEXTS)
        if way < 0.5:
            return self.chance.choice(TEMPORAL)
        if way < 0.58:
            return self.chance.choice(("true", "false", "null", "[]", "{}", "?", "unknown name"))
        if self.known and way < 0.75:
            return self.chance.choice(self.known)
        return self.chance.choice(NAMES) if way < 0.9 else self.field()

    def name(self) -> str:
        """A name for a local value."""
        return self.chance.choice(LOCALS if self.chance.random() < 0.97 else ODD_NAMES)

    def field(self) -> str:
        name = self.chance.choice(tuple(FIELDS))
        return f"{name}.{self.chance.choice((*FIELDS[name], *PROPERTIES))}"

    def binary(self, depth: int) -> str:
        return f"{self.expression(depth)} {self.chance.choice(OPERATORS)} {self.expression(depth)}"

    def negation(self, depth: int) -> str:
        return f"-{self.expression(depth)}"

    def condition(self, depth: int) -> str:
        return f"if {self.expression(depth)} then {self.expression(depth)} else {self.expression(depth)}"

    def between(self, depth: int) -> str:
        return f"{self.expression(depth)} between {self.expression(depth)} and {self.expression(depth)}"

    def within(self, depth: int) -> str:
        return f"{self.expression(depth)} in " + (f"({self.tests()})" if self.chance.random() < 0.7 else self.range(depth))

    def instance(self, depth: int) -> str:
        return f"{self.expression(depth)} instance of {self.type()}"

    def type(self) -> str:
        found = self.chance.choice(TYPES)
        return found if self.chance.random() < 0.9 else "list<" * self.chance.choice((1, 20, 70)) + found + ">" * self.chance.choice((1, 20, 70))

    def list(self, depth: int) -> str:
        return "[" + ", ".join(self.expression(depth) for _ in range(self.chance.randint(0, 4))) + "]"

    def context(self, depth: int) -> str:
        mark, rows = len(self.known), []
        for _ in range(self.chance.randint(0, 3)):
            key = self.chance.choice(('"quoted key"', '"__class__"', '""')) if self.chance.random() < 0.1 else self.name()
            rows.append(f"{key}: {self.expression(depth)}")
            self.known.append(key)
        del self.known[mark:]
        return "{" + ", ".join(rows) + "}"

    def range(self, depth: int) -> str:
        if self.chance.random() < 0.2:
            return f"({self.chance.choice(('<', '<=', '>', '>=', '='))} {self.expression(depth)})"
        ends = (self.chance.choice("[(]"), self.chance.choice("])["))
        return f"{ends[0]}{self.expression(depth)}..{self.expression(depth)}{ends[1]}"

    def path(self, depth: int) -> str:
        return f"{self.expression(depth)}.{self.chance.choice(PROPERTIES + LOCALS)}" if self.chance.random() < 0.6 else self.field()

    def filter(self, depth: int) -> str:
        source = self.expression(depth)
        self.known.append("item")
        found = f"{source}[{self.expression(depth)}]"
        self.known.pop()
        return found

    def iterators(self, depth: int) -> tuple[str, int]:
        rows, mark = [], len(self.known)
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            name = self.name()
            source = self.chance.choice((
                self.expression(depth), "items", "1..3", "-2..2", "1..100000", "10..1", '@"2026-01-01"..@"2026-01-05"', "1..999999999999", "[1..5)",
            ))  # fmt: skip
            rows.append(f"{name} in {source}")
            self.known.append(name)
        return ", ".join(rows), mark

    def loop(self, depth: int) -> str:
        rows, mark = self.iterators(depth)
        self.known.append("partial")
        found = f"for {rows} return {self.expression(depth)}"
        del self.known[mark:]
        return found

    def quantified(self, depth: int) -> str:
        rows, mark = self.iterators(depth)
        found = f"{self.chance.choice(('some', 'every'))} {rows} satisfies {self.expression(depth)}"
        del self.known[mark:]
        return found

    # -- functions ------------------------------------------------------------------------------------------------

    def function(self, depth: int) -> str:
        names = [self.name() for _ in range(self.chance.choice((0, 1, 1, 2, 2)))]
        mark = len(self.known)
        self.known += names
        rows = ", ".join(name + (f": {self.type()}" if self.chance.random() < 0.2 else "") for name in names)
        body = "{java: {class: \"java.lang.System\", method signature: \"exit()\"}}" if self.chance.random() < 0.05 else self.expression(depth)
        found = f"function({rows}) {'external ' if body.startswith('{java') else ''}{body}"
        del self.known[mark:]
        return found

    def invoked(self, depth: int) -> str:
        rows = ", ".join(self.expression(depth) for _ in range(self.chance.randint(0, 2)))
        return f"({self.function(depth)})({rows})" if self.chance.random() < 0.7 else f"{self.leaf()}({rows})"

    def recursive(self, depth: int) -> str:
        inner = self.chance.choice(("f(x + 1)", "f(x - 1) + f(x - 1)", "[f(x), f(x)]", "f", "f(f)", "x(x)", "if x < 1 then 1 else x * f(x - 1)"))
        return "{f: function(x) " + inner + "}.f(" + self.chance.choice(("5", "1000", "function(x) x(x)", self.leaf())) + ")"

    def call(self, depth: int) -> str:
        """A call of a built-in function: by the signature, or by none."""
        name = self.chance.choice(FUNCTIONS)
        signature = self.chance.choice(BUILTINS[name].signatures)
        if self.chance.random() < 0.15:
            return f"{name}({', '.join(self.expression(depth) for _ in range(self.chance.randint(0, 4)))})"
        named = self.chance.random() < 0.25
        rows = [
            (f"{parameter.name}: " if named else "") + self.argument(parameter, name, depth)
            for parameter in self.parameters(signature)
        ]
        if named and self.chance.random() < 0.3:
            self.chance.shuffle(rows)
        if self.chance.random() < 0.03:
            rows.append(self.chance.choice(("wrong name: 1", "__class__: 2", "1")))
        return f"{name}({', '.join(rows)})"

    def parameters(self, signature: Signature) -> list[Parameter]:
        found: list[Parameter] = []
        for parameter in signature.parameters:
            if parameter.optional and self.chance.random() < 0.4:
                break
            found += [parameter] * (self.chance.randint(1, 3) if parameter.variadic else 1)
        return found

    def argument(self, parameter: Parameter, name: str, depth: int) -> str:
        if self.chance.random() < 0.1:
            return self.expression(depth)
        if parameter.name in ("pattern", "delimiter"):
            return self.chance.choice(CALM if self.chance.random() < 0.6 else PATTERNS)
        if parameter.name == "flags":
            return self.chance.choice(('"i"', '"smix"', '"q"', '"z"', "null"))
        if parameter.name == "replacement":
            return self.chance.choice(('"$1"', '"$"', '"\\\\$"', '"x$10"', '"$' + "0" * 5000 + '1"', '"-"'))
        if parameter.name == "negand":
            return self.expression(depth)
        return self.of_kind(self.chance.choice(sorted(parameter.kinds)), depth)

    def of_kind(self, kind: str, depth: int) -> str:
        """A value of a kind, mostly."""
        if kind == "number":
            return self.chance.choice(NUMBERS) if self.chance.random() < 0.8 else self.expression(depth)
        if kind == "string":
            return self.chance.choice(TEXTS)
        if kind == "list":
            return self.chance.choice(("items", "nested", "same", "mixed", "[]", "days", "things", "[3, 1, 2]", '["a", "b"]', self.list(depth)))
        if kind == "function":
            return self.chance.choice(("function(a, b) a < b", "function(x, y) x = 1", "count", "function() 1", self.function(depth)))
        if kind == "context":
            return self.chance.choice((*FIELDS, "{a: 1}", self.context(depth)))
        if kind == "range":
            return self.chance.choice(("[1..5]", "(2..3)", "range", self.range(0)))
        if kind in ("any", "some"):
            return self.expression(depth)
        if kind == "boolean":
            return self.chance.choice(("true", "false", "yes"))
        return self.chance.choice((*TEMPORAL, "moment", "day", "clock", "span", "months"))

    # -- what grows -----------------------------------------------------------------------------------------------

    def deep(self, depth: int) -> str:
        count = self.chance.choice((5, 15, 30, 50, 300))
        opening, closing = self.chance.choice((("(", ")"), ("[", "]"), ("- ", ""), ("if true then ", " else 0"), ("not(", ")"), ("{a: ", "}"), ("1 + ", ""), ("[", "][1]"), ("function() ", "")))
        return opening * count + self.leaf() + closing * count

    def grown(self, depth: int) -> str:
        """A value that doubles with each entry, and what must go through all of it."""
        count = self.chance.choice((3, 10, 25, 40))
        first, step = self.chance.choice((('"ab"', "{0} + {0}"), ("[1, 2]", "[{0}, {0}]"), ("[1, 2]", "concatenate({0}, {0})"), ("{{a: 1}}", "{{l: {0}, r: {0}}}"), ("items", "append({0}, {0})")))
        rows = [f"v0: {first.format('')}", *(f"v{n}: {step.format(f'v{n - 1}')}" for n in range(1, count))]
        last = f"v{count - 1}"
        use = self.chance.choice((
            last, f"string({last})", f"{last} = {last}", f"count({last})", f"flatten({last})", f"distinct values({last})", f"{last} instance of " + "list<" * 40 + "number" + ">" * 40,
            f"string length({last})", f"[{last}][1]", f"sort({last})", f"upper case({last})", f"{last}.l", f"split({last}, \"b\")", f"list contains([{last}], {last})", f"is({last}, v1)",
        ))  # fmt: skip
        return "{" + ", ".join(rows) + f", z: {use}}}.z"

    def growing(self, depth: int) -> str:
        """Loops that build on what they built."""
        inner = self.chance.choice(("partial", "[partial, partial]", "string(partial)", "count(flatten(partial))", "{p: partial}", "[partial[-1]]", "partial = partial"))
        return f"for x in 1..{self.chance.choice((5, 30, 500, 100000))} return {inner}"
