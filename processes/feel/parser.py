"""FEEL text to a syntax tree: a Pratt parser for the grammar of DMN 1.5, 10.3.1.2.

Precedence follows the order of the alternatives in rules 2 and 4; all infix operators are left associative, and
arithmetic negation binds tighter than exponentiation."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Overflow

from processes.marked import Sentence, say

from . import nodes as n
from .errors import FeelSyntaxError
from .lexer import Token, line_of, normal_name, tokenize, unescape
from .limits import DEFAULT, Limits
from .numbers import CONTEXT
from .scope import KEYWORDS, STOPPERS, Phrases

_OR, _AND, _COMPARE, _SUM, _PRODUCT, _POWER, _NEGATE, _INSTANCE, _POSTFIX = 10, 20, 30, 40, 50, 60, 65, 70, 80
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_INFIX = {
    **dict.fromkeys(_COMPARISONS, _COMPARE),
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER, ".": _POSTFIX, "[": _POSTFIX, "(": _POSTFIX,
}
_WORDS = {"or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE, "instance": _INSTANCE}
_LITERALS = {"true": True, "false": False, "null": None}
_MAX_HEIGHT = 200
# What may be wanted where something else stands.
_NAME, _VALUE = say("a name"), say("a value")
_ENTRY, _VARIABLE, _TYPE = say("the name of an entry"), say("the name of the variable"), say("the name of a type")


class Parser:
    """One parse of one text. Use the functions at the end of the module, not this class."""

    def __init__(self, source: str, names: Iterable[str] | Phrases, limits: Limits) -> None:
        if not isinstance(source, str):
            raise FeelSyntaxError("not-text", say("An expression must be a text."))
        if len(source) > limits.source:
            raise FeelSyntaxError(
                "too-long", say("The expression has %(count)s characters; shorten it to at most %(most)s.", count=len(source), most=limits.source)
            )
        self.source = source
        self.limits = limits
        self.tokens = tokenize(source)
        self.phrases = names.copy() if isinstance(names, Phrases) else Phrases(names)
        self.index = 0
        self.depth = 0
        self.endpoint = False
        self.budget = 4 * len(self.tokens) + 20_000

    # -- tokens ---------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def fail(self, code: str, message: Sentence, token: Token | None = None) -> FeelSyntaxError:
        where = (token or self.token).start
        return FeelSyntaxError(code, message, where, line_of(self.source, where))

    def unexpected(self, wanted: Sentence) -> FeelSyntaxError:
        if self.token.kind == "end":
            return self.fail("unexpected-end", say("The expression ends too early; %(wanted)s is missing.", wanted=wanted))
        return self.fail("unexpected-token", say("“%(text)s” cannot stand here; %(wanted)s was expected.", text=self.token.text, wanted=wanted))

    def given_up(self, error: FeelSyntaxError) -> bool:
        """Whether there is no point in reading the same part another way."""
        return self.budget < 0 or error.code == "too-deep"

    def at(self, *texts: str) -> bool:
        token = self.token
        return token.kind in ("op", "name") and token.text in texts

    def take(self, text: str) -> bool:
        if self.at(text):
            self.index += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(say("“%(text)s”", text=text))

    # -- names ----------------------------------------------------------------------------------------------------

    def name(self, wanted: Sentence | None = None) -> str:
        """A name at the current token: the longest known one, or all name and number tokens in a row."""
        first = self.token
        if first.kind != "name" or first.text in KEYWORDS:
            raise self.unexpected(wanted or _NAME)
        end = self.index + 1
        if first.text != "?":
            while self.tokens[end].kind in ("name", "number") and self.tokens[end].text not in STOPPERS:
                end += 1
        known = self.phrases.match(self.tokens, self.index)
        if known and known[1] >= end:
            self.index = known[1]
            return known[0]
        last = self.tokens[end - 1]
        self.index = end
        return normal_name(self.source[first.start : last.end])

    def path_name(self) -> str:
        """The name after a dot, where keywords are names too."""
        if self.token.kind == "name" and self.token.text in KEYWORDS:
            self.index += 1
            return self.tokens[self.index - 1].text
        return self.name(_ENTRY)

    def label(self, *ends: str) -> str:
        """Everything up to one of the end tokens, as a name: keys of contexts, names of parameters."""
        start = self.index
        while self.token.kind in ("name", "number", "other") or self.at("+", "-", "*", "/", "**", "."):
            self.index += 1
        if self.index == start or not self.at(*ends):
            raise self.unexpected(_NAME)
        if self.tokens[start].kind != "name":
            raise self.fail("bad-name", say("A name must start with a letter; write it so."), self.tokens[start])
        return normal_name(self.source[self.tokens[start].start : self.tokens[self.index - 1].end])

    def local(self, name: str) -> None:
        self.phrases.add(name)

    # -- expressions ----------------------------------------------------------------------------------------------

    def expression(self, power: int = 0) -> n.Node:
        self.depth += 1
        self.budget -= 1
        if self.depth > self.limits.depth or self.budget < 0:
            raise self.fail("too-deep", say("The expression is nested too deeply; split it into named parts."))
        left = self.prefix()
        while True:
            token = self.token
            if token.kind == "op":
                binding = _INFIX.get(token.text, -1)
            elif token.kind == "name":
                binding = _WORDS.get(token.text, -1)
            else:
                binding = -1
            if binding <= power:
                break
            following = self.infix(left, token, binding)
            if following is None:
                break
            left = following
        self.depth -= 1
        return left

    def infix(self, left: n.Node, token: Token, binding: int) -> n.Node | None:
        text, where = token.text, token.start
        if text == "[":
            return self.filter(left)
        self.index += 1
        if text == "(":
            return self.call(left)
        if text == ".":
            return n.Path(where, left, self.path_name())
        if text in ("and", "or"):
            operands = [left, self.expression(binding)]
            while self.take(text):
                operands.append(self.expression(binding))
            return n.Logic(where, text, tuple(operands))
        if text == "between":
            low = self.expression(_COMPARE)
            self.need("and")
            return n.Between(where, left, low, self.expression(_COMPARE))
        if text == "in":
            return n.In(where, left, self.in_tests())
        if text == "instance":
            self.need("of")
            return n.InstanceOf(where, left, self.type())
        return n.Binary(where, text, left, self.expression(binding))

    def prefix(self) -> n.Node:
        token = self.token
        if token.kind == "number":
            self.index += 1
            try:
                return n.Literal(token.start, CONTEXT.create_decimal(token.text))
            except Overflow:
                raise self.fail("too-large", say("The number is too large; FEEL cannot hold it."), token) from None
        if token.kind == "string":
            self.index += 1
            return n.Literal(token.start, unescape(token.text))
        if token.kind == "name":
            return self.word(token)
        if token.kind == "op":
            return self.symbol(token)
        raise self.unexpected(_VALUE)

    def word(self, token: Token) -> n.Node:
        text = token.text
        if text in _LITERALS:
            self.index += 1
            return n.Literal(token.start, _LITERALS[text])
        if text == "if":
            self.index += 1
            condition = self.free()
            self.need("then")
            then = self.free()
            self.need("else")
            return n.If(token.start, condition, then, self.expression())
        if text == "for":
            return self.for_loop(token)
        if text in ("some", "every"):
            return self.quantified(token)
        if text == "function":
            return self.function(token)
        return n.Name(token.start, self.name(_VALUE))

    def symbol(self, token: Token) -> n.Node:
        text, where = token.text, token.start
        if text == "-":
            self.index += 1
            operand = self.expression(_NEGATE)
            if isinstance(operand, n.Literal) and operand.value.__class__.__name__ == "Decimal":
                return n.Literal(where, CONTEXT.minus(operand.value))
            return n.Negation(where, operand)
        if text == "(":
            return self.parenthesis(where)
        if text == "[":
            return self.bracket(where)
        if text == "]":
            self.index += 1
            return self.range_after(where, self.end_point(), False)
        if text == "{":
            return self.context(where)
        if text == "@":
            self.index += 1
            if self.token.kind != "string":
                raise self.unexpected(say("a date, time or duration in double quotes"))
            self.index += 1
            return n.At(where, unescape(self.tokens[self.index - 1].text))
        if text in _COMPARISONS and text not in ("=", "!="):
            return self.open_range(where)
        raise self.unexpected(_VALUE)

    def free(self) -> n.Node:
        """An expression inside its own brackets or keywords, where `[` is a filter again."""
        before, self.endpoint = self.endpoint, False
        result = self.expression()
        self.endpoint = before
        return result

    # -- brackets -------------------------------------------------------------------------------------------------

    def open_range(self, where: int) -> n.Node:
        operator = self.token.text
        self.index += 1
        end = self.expression(_COMPARE)
        if operator in ("<", "<="):
            return n.RangeNode(where, None, end, False, operator == "<=")
        if operator == "=":
            return n.RangeNode(where, end, end, True, True)
        return n.RangeNode(where, end, None, operator == ">=", False)

    def end_point(self) -> n.Node:
        before, self.endpoint = self.endpoint, True
        result = self.expression()
        self.endpoint = before
        return result

    def range_after(self, where: int, start: n.Node, included: bool) -> n.Node:
        self.need("..")
        end = self.end_point()
        closing = self.token.text
        if not self.at(")", "[", "]"):
            raise self.unexpected(say("the end of the range, “]” or “)”,"))
        self.index += 1
        return n.RangeNode(where, start, end, included, closing == "]")

    def parenthesis(self, where: int) -> n.Node:
        self.index += 1
        if self.at("=", "<", "<=", ">", ">="):
            inner = self.open_range(where)
        else:
            inner = self.free()
            if self.at(".."):
                return self.range_after(where, inner, False)
        self.need(")")
        return inner

    def bracket(self, where: int) -> n.Node:
        self.index += 1
        if self.take("]"):
            return n.ListNode(where, ())
        items = [self.free()]
        if self.at(".."):
            return self.range_after(where, items[0], True)
        while self.take(","):
            items.append(self.free())
        self.need("]")
        return n.ListNode(where, tuple(items))

    def filter(self, source: n.Node) -> n.Node | None:
        where, mark, depth = self.token.start, self.index, self.depth
        self.index += 1
        if not self.endpoint:
            condition = self.free()
            self.need("]")
            return n.Filter(where, source, condition)
        try:  # after an endpoint, `[` may also close a range that excludes its end
            condition = self.free()
            self.need("]")
        except FeelSyntaxError as error:
            if self.given_up(error):
                raise
            self.index, self.depth, self.endpoint = mark, depth, True
            return None
        return n.Filter(where, source, condition)

    def context(self, where: int) -> n.Node:
        self.index += 1
        entries: list[tuple[str, n.Node]] = []
        if self.take("}"):
            return n.ContextNode(where, ())
        while True:
            if self.token.kind == "string":
                key = unescape(self.token.text)
                self.index += 1
            else:
                key = self.label(":")
            self.need(":")
            entries.append((key, self.free()))
            self.local(key)
            if not self.take(","):
                break
        self.need("}")
        return n.ContextNode(where, tuple(entries))

    # -- calls, functions, loops ----------------------------------------------------------------------------------

    def named_argument(self) -> bool:
        index = self.index
        if self.tokens[index].kind != "name":
            return False
        while self.tokens[index].kind in ("name", "number", "other") or (
            self.tokens[index].kind == "op" and self.tokens[index].text in "+-*/."
        ):
            index += 1
        return self.tokens[index].kind == "op" and self.tokens[index].text == ":"

    def call(self, function: n.Node) -> n.Node:
        arguments: list[n.Node] = []
        names: list[str] = []
        if not self.at(")"):
            named = self.named_argument()
            while True:
                if named:
                    names.append(self.label(":"))
                    self.need(":")
                arguments.append(self.free())
                if not self.take(","):
                    break
        self.need(")")
        if len(set(names)) != len(names):
            raise self.fail("repeated-argument", say("The same parameter is given twice; give it once."))
        return n.Call(function.position, function, tuple(arguments), tuple(names))

    def function(self, token: Token) -> n.Node:
        self.index += 1
        self.need("(")
        parameters: list[tuple[str, n.TypeNode | None]] = []
        if not self.at(")"):
            while True:
                name = self.label(":", ",", ")")
                self.local(name)
                parameters.append((name, self.type() if self.take(":") else None))
                if not self.take(","):
                    break
        self.need(")")
        external = self.take("external")
        return n.FunctionNode(token.start, tuple(parameters), self.expression(), external)

    def iterators(self) -> tuple[n.Iterator, ...]:
        found: list[n.Iterator] = []
        while True:
            where = self.token.start
            name = self.name(_VARIABLE)
            self.local(name)
            self.need("in")
            start = self.free()
            end = self.free() if self.take("..") else None
            found.append(n.Iterator(where, name, start, end))
            if not self.take(","):
                return tuple(found)

    def for_loop(self, token: Token) -> n.Node:
        self.index += 1
        iterators = self.iterators()
        self.need("return")
        return n.For(token.start, iterators, self.expression())

    def quantified(self, token: Token) -> n.Node:
        self.index += 1
        iterators = self.iterators()
        self.need("satisfies")
        return n.Quantified(token.start, token.text, iterators, self.expression())

    # -- types ----------------------------------------------------------------------------------------------------

    def type(self) -> n.TypeNode:
        self.depth += 1
        if self.depth > self.limits.depth:
            raise self.fail("too-deep", say("The type is nested too deeply; name a part of it as a type of its own."))
        where = self.token.start
        result = self.bracketed_type(where) if self.tokens[self.index + 1 : self.index + 2] else None
        if result is None:
            name = self.token.text if self.token.kind == "name" and self.token.text == "function" else None
            if name:
                self.index += 1
            else:
                name = self.name(_TYPE)
                while self.take("."):
                    name += "." + self.path_name()
            result = n.TypeNode(where, name)
        self.depth -= 1
        return result

    def bracketed_type(self, where: int) -> n.TypeNode | None:
        kind, following = self.token.text, self.tokens[self.index + 1]
        if following.kind != "op" or following.text != "<" or kind not in ("list", "range", "context", "function"):
            return None
        self.index += 2
        fields: list[str] = []
        arguments: list[n.TypeNode] = []
        while not self.at(">"):
            if kind == "context":
                fields.append(self.label(":"))
                self.need(":")
            arguments.append(self.type())
            if not self.take(","):
                break
        self.need(">") if not self.at("->") else None
        result = None
        if kind == "function":
            self.need("->")
            result = self.type()
        if kind in ("list", "range") and len(arguments) != 1:
            raise self.fail("bad-type", say("A type %(kind)s<...> needs exactly one type between the angle brackets.", kind=kind))
        return n.TypeNode(where, kind, tuple(arguments), tuple(fields), result)

    # -- unary tests ----------------------------------------------------------------------------------------------

    def in_tests(self) -> tuple[n.Node, ...]:
        if not self.at("("):
            return (self.test(_COMPARE),)
        mark, depth = self.index, self.depth
        try:
            self.index += 1
            tests = self.test_list(")")
            self.need(")")
            if not self.at(".", "[", "("):
                return tests
        except FeelSyntaxError as error:
            if self.given_up(error):
                raise
        self.index, self.depth = mark, depth
        return (self.expression(_COMPARE),)

    def test(self, power: int = 0) -> n.Node:
        if not self.at(*_COMPARISONS):
            return self.expression(power)
        token = self.token
        self.index += 1
        return n.Comparison(token.start, token.text, self.expression(_COMPARE))

    def test_list(self, *ends: str) -> tuple[n.Node, ...]:
        before, self.endpoint = self.endpoint, False
        tests = [self.test()]
        while self.take(","):
            tests.append(self.test())
        self.endpoint = before
        return tuple(tests)

    def tests(self) -> n.Tests:
        if self.token.kind == "end" or (self.at("-") and self.tokens[self.index + 1].kind == "end"):
            self.index = len(self.tokens) - 1
            return n.Tests(0, (), anything=True)
        if self.at("not") and self.tokens[self.index + 1].text == "(":
            self.index += 2
            try:
                tests = self.test_list(")")
                self.need(")")
                if self.token.kind == "end":
                    return n.Tests(0, tests, negated=True)
            except FeelSyntaxError as error:
                if self.given_up(error):
                    raise
            self.index = self.depth = 0
        return n.Tests(0, self.test_list())

    def finish(self) -> None:
        if self.token.kind != "end":
            raise self.fail(
                "unexpected-token", say("“%(text)s” cannot stand here; an operator or the end was expected.", text=self.token.text)
            )


_LEAVES = frozenset({n.Literal, n.At, n.Name})


def children(node: n.Node) -> list[n.Node]:
    """The direct parts of a node."""
    found: list[n.Node] = []
    if type(node) in _LEAVES:
        return found
    for field in node.__dataclass_fields__:
        value = getattr(node, field)
        if isinstance(value, n.Node):
            found.append(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, n.Node):
                    found.append(item)
                elif isinstance(item, tuple):
                    found.extend(part for part in item if isinstance(part, n.Node))
    return found


def size(node: n.Node) -> int:
    """How many nodes a tree has."""
    count, queue = 0, [node]
    while queue:
        count += 1
        queue.extend(children(queue.pop()))
    return count


def _check_height(parser: Parser, root: n.Node) -> None:
    """Long chains such as 1 + 1 + 1 ... need no recursion to parse, but do to evaluate."""
    if 2 * len(parser.tokens) < _MAX_HEIGHT:
        return  # a tree is never higher than two nodes for each token
    level, height = [root], 0
    while level:
        height += 1
        level = [part for node in level for part in children(node)]
    if height > _MAX_HEIGHT:
        raise parser.fail(
            "too-deep", say("The expression is a chain of too many operations; split it into named parts."), parser.tokens[0]
        )


def _run(source: str, names: Iterable[str] | Phrases, limits: Limits, unary: bool) -> n.Node:
    parser = Parser(source, names, limits)
    try:
        if unary:
            tree: n.Node = parser.tests()
        elif parser.token.kind == "end":
            raise parser.fail("empty", say("The expression is empty; write a value, a name or a calculation."))
        else:
            tree = parser.expression()
        parser.finish()
        _check_height(parser, tree)
    except RecursionError as error:
        raise parser.fail("too-deep", say("The expression is nested too deeply; split it into named parts.")) from error
    return tree


def parse_tree(source: str, names: Iterable[str] | Phrases = (), limits: Limits = DEFAULT) -> n.Node:
    """The syntax tree of an expression; `names` are names in scope. Raises FeelSyntaxError."""
    return _run(source, names, limits, unary=False)


def parse_tests(source: str, names: Iterable[str] | Phrases = (), limits: Limits = DEFAULT) -> n.Tests:
    """The tree of unary tests, as in a cell of a decision table. Raises FeelSyntaxError."""
    tree = _run(source, names, limits, unary=True)
    if not isinstance(tree, n.Tests):
        raise TypeError("Unary tests were read as something else.")
    return tree
