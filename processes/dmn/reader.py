"""DMN 1.1 to 1.6 XML to the model. The parser resolves no entity, fetches nothing and refuses a DOCTYPE, since files
come from process owners and from other tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from processes.marked import say

from . import model as m
from .errors import DmnError

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "http://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
    "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
}
MAX_BYTES = 10_000_000
MAX_DEPTH = 100
_POLICIES = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O", "COLLECT": "C",
}
_AGGREGATIONS = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#", "": ""}


def root_of(xml: bytes | str, *, whole: bool = False) -> Any:
    """The root element of a file; `whole` keeps comments, processing instructions and CDATA, for writing it back.

    Raises DmnError for what is no XML, too large, or has a DOCTYPE.
    """
    try:
        data = xml.encode() if isinstance(xml, str) else bytes(xml)
    except UnicodeEncodeError as error:  # half of a surrogate pair
        raise DmnError("not-xml", say("The file is not well-formed XML: %(error)s.", error=str(error))) from None
    if len(data) > MAX_BYTES:
        raise DmnError("too-large", say("The file is larger than %(most)s bytes; split it into several models.", most=MAX_BYTES))
    if isinstance(xml, str) and data.lstrip().startswith(b"<?xml"):
        data = data[data.index(b"?>") + 2 :] if b"?>" in data else data  # a text has no encoding left to declare
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=not whole, remove_pis=not whole, strip_cdata=not whole,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DmnError("not-xml", say("The file is not well-formed XML: %(error)s.", error=str(error))) from None
    info: Any = root.getroottree().docinfo
    if info.doctype:
        raise DmnError("doctype", say("The file has a DOCTYPE; remove it, it is not allowed here."))
    return root


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


class Reader:
    """Reads the elements of one file; only elements in the file's own DMN namespace count."""

    def __init__(self, root: Any) -> None:
        self.root = root
        name = etree.QName(root)
        if name.localname != "definitions" or name.namespace not in NAMESPACES:
            raise DmnError(
                "not-dmn", say("The file is not a decision model of DMN 1.1 to 1.6; its first element must be definitions.")
            )
        self.ns = name.namespace
        self.depth = 0

    # -- XML ------------------------------------------------------------------------------------------------------

    def children(self, element: Any, *names: str) -> Iterator[Any]:
        for child in element:
            if isinstance(child.tag, str):
                tag = etree.QName(child)
                if tag.namespace == self.ns and (not names or tag.localname in names):
                    yield child

    def child(self, element: Any, *names: str) -> Any | None:
        return next(self.children(element, *names), None)

    def text(self, element: Any | None) -> str:
        inner = self.child(element, "text") if element is not None else None
        return "".join(inner.itertext()).strip() if inner is not None else ""

    def feel(self, element: Any | None) -> m.Text | None:
        if element is None:
            return None
        text = self.text(element)
        return m.Text(text, self.identity(element)) if text else None

    def identity(self, element: Any) -> str:
        """The id of the element or of the nearest one around it that has one."""
        while element is not None:
            found = element.get("id") or element.get("name")
            if found:
                return str(found)
            element = element.getparent()
        return ""

    def type_of(self, element: Any | None) -> str:
        """A type reference: an attribute, or in item definitions a child; a prefix of an XML namespace is dropped."""
        if element is None:
            return ""
        text = element.get("typeRef")
        if text is None:
            inner = self.child(element, "typeRef")
            text = "".join(inner.itertext()) if inner is not None else ""
        text = text.strip()
        if text.startswith("{"):
            text = text.rpartition("}")[2]
        prefix, colon, rest = text.partition(":")
        return str(rest if colon and prefix in element.nsmap else text)

    def href(self, element: Any, *names: str) -> tuple[str, ...]:
        return tuple(str(child.get("href", "")).strip() for child in self.children(element, *names))

    # -- definitions ----------------------------------------------------------------------------------------------

    def read(self) -> m.Definitions:
        root = self.root
        imports = tuple(
            m.Import(child.get("name", ""), child.get("namespace", ""), child.get("locationURI", ""))
            for child in self.children(root, "import")
        )
        items = tuple(self.item(child) for child in self.children(root, "itemDefinition"))
        elements: dict[str, Any] = {}
        readers: dict[str, Callable[[Any], Any]] = {
            "inputData": self.input_data, "decision": self.decision, "businessKnowledgeModel": self.knowledge,
            "decisionService": self.service,
        }
        for child in self.children(root, *readers):
            element = readers[_local(child)](child)
            if not element.name:
                raise DmnError("no-name", say("An element of the model has no name; give it one."), element.id)
            if element.id in elements:
                raise DmnError("duplicate-id", say("The id “%(id)s” is used twice; ids must differ.", id=element.id), element.id)
            elements[element.id] = element
        return m.Definitions(root.get("name", ""), root.get("namespace", ""), imports, items, elements)

    def item(self, element: Any) -> m.ItemDefinition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise DmnError("too-deep", say("The types of the model are nested too deeply; name a part of them as a type of its own."), self.identity(element))
        function = None
        for child in self.children(element, "functionItem"):
            parameters = tuple(
                m.Variable(part.get("name", ""), self.type_of(part)) for part in self.children(child, "parameters")
            )
            function = (parameters, child.get("outputTypeRef", "").rpartition(":")[2])
        found = m.ItemDefinition(
            element.get("name", ""), self.type_of(element), element.get("isCollection") in ("true", "1"),
            self.feel(self.child(element, "allowedValues")), self.feel(self.child(element, "typeConstraint")),
            tuple(self.item(child) for child in self.children(element, "itemComponent")), function,
        )
        self.depth -= 1
        return found

    def variable(self, element: Any) -> m.Variable:
        inner = self.child(element, "variable")
        name = element.get("name", "") if inner is None else inner.get("name") or element.get("name", "")
        return m.Variable(name, self.type_of(inner))

    def input_data(self, element: Any) -> m.InputData:
        return m.InputData(self.identity(element), element.get("name", ""), self.variable(element))

    def decision(self, element: Any) -> m.Decision:
        requires = tuple(
            href for child in self.children(element, "informationRequirement")
            for href in self.href(child, "requiredInput", "requiredDecision")
        )
        return m.Decision(
            self.identity(element), element.get("name", ""), self.variable(element),
            self.plain(element, "question"), self.plain(element, "allowedAnswers"),
            requires, self.knowledge_of(element), self.first_box(element),
        )

    def plain(self, element: Any, name: str) -> str:
        inner = self.child(element, name)
        return "".join(inner.itertext()).strip() if inner is not None else ""

    def knowledge_of(self, element: Any) -> tuple[str, ...]:
        return tuple(
            href for child in self.children(element, "knowledgeRequirement")
            for href in self.href(child, "requiredKnowledge")
        )

    def knowledge(self, element: Any) -> m.Knowledge:
        logic = self.child(element, "encapsulatedLogic")
        return m.Knowledge(
            self.identity(element), element.get("name", ""), self.variable(element), self.knowledge_of(element),
            self.function(logic) if logic is not None else None,
        )

    def service(self, element: Any) -> m.Service:
        return m.Service(
            self.identity(element), element.get("name", ""), self.variable(element),
            self.href(element, "outputDecision"), self.href(element, "encapsulatedDecision"),
            self.href(element, "inputDecision"), self.href(element, "inputData"),
        )

    # -- boxed expressions ----------------------------------------------------------------------------------------

    BOXES = (
        "literalExpression", "decisionTable", "context", "relation", "list", "invocation", "functionDefinition",
        "conditional", "filter", "for", "some", "every",
    )

    def first_box(self, element: Any | None) -> m.Boxed | None:
        found = self.child(element, *self.BOXES) if element is not None else None
        return self.box(found) if found is not None else None

    def need_box(self, element: Any | None, owner: Any) -> m.Boxed:
        """The expression in an element; an empty one is null."""
        found = self.first_box(element)
        return found if found is not None else m.LiteralBox(self.identity(owner), "", "null")

    def box(self, element: Any) -> m.Boxed:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise DmnError("too-deep", say("The boxed expressions are nested too deeply; make a part of them a decision of its own."), self.identity(element))
        kind = _local(element)
        own = (self.identity(element), self.type_of(element))
        if kind == "literalExpression":
            found: m.Boxed = m.LiteralBox(*own, self.text(element))
        elif kind == "decisionTable":
            found = self.table(element, own)
        elif kind == "context":
            found = self.context(element, own)
        elif kind == "relation":
            columns = tuple(m.Variable(c.get("name", ""), self.type_of(c)) for c in self.children(element, "column"))
            rows = tuple(
                tuple(self.box(cell) for cell in self.children(row, *self.BOXES))
                for row in self.children(element, "row")
            )
            found = m.RelationBox(*own, columns, rows)
        elif kind == "list":
            found = m.ListBox(*own, tuple(self.box(item) for item in self.children(element, *self.BOXES)))
        elif kind == "invocation":
            found = self.invocation(element, own)
        elif kind == "functionDefinition":
            found = self.function(element)
        elif kind == "conditional":
            parts = [self.need_box(self.child(element, name), element) for name in ("if", "then", "else")]
            found = m.ConditionalBox(*own, *parts)
        elif kind == "filter":
            parts = [self.need_box(self.child(element, name), element) for name in ("in", "match")]
            found = m.FilterBox(*own, *parts)
        else:
            body = self.child(element, "return" if kind == "for" else "satisfies")
            found = m.IteratorBox(
                *own, kind, element.get("iteratorVariable", ""),
                self.need_box(self.child(element, "in"), element), self.need_box(body, element),
            )
        self.depth -= 1
        return found

    def context(self, element: Any, own: tuple[str, str]) -> m.ContextBox:
        entries: list[tuple[m.Variable, m.Boxed]] = []
        result = None
        for child in self.children(element, "contextEntry"):
            inner = self.child(child, "variable")
            value = self.need_box(child, child)
            if inner is None:
                result = value
            else:
                entries.append((m.Variable(inner.get("name", ""), self.type_of(inner)), value))
        return m.ContextBox(*own, tuple(entries), result)

    def invocation(self, element: Any, own: tuple[str, str]) -> m.InvocationBox:
        bindings = []
        for child in self.children(element, "binding"):
            parameter = self.child(child, "parameter")
            name = parameter.get("name", "") if parameter is not None else ""
            bindings.append((m.Variable(name, self.type_of(parameter)), self.first_box(child)))
        return m.InvocationBox(*own, self.need_box(element, element), tuple(bindings))

    def function(self, element: Any) -> m.FunctionBox:
        parameters = tuple(
            m.Variable(child.get("name", ""), self.type_of(child)) for child in self.children(element, "formalParameter")
        )
        return m.FunctionBox(
            self.identity(element), self.type_of(element), element.get("kind", "FEEL"), parameters,
            self.first_box(element),
        )

    def table(self, element: Any, own: tuple[str, str]) -> m.TableBox:
        policy = element.get("hitPolicy", "UNIQUE").strip().upper()
        aggregation = element.get("aggregation", "").strip().upper()
        if policy not in _POLICIES or aggregation not in _AGGREGATIONS:
            raise DmnError("hit-policy", say("The hit policy “%(policy)s” is not known; use one of those of DMN.", policy=f"{policy} {aggregation}".strip()), own[0])
        inputs = tuple(self.table_input(child) for child in self.children(element, "input"))
        outputs = tuple(self.table_output(child) for child in self.children(element, "output"))
        if not outputs:
            raise DmnError("no-output", say("A decision table needs at least one output column."), own[0])
        columns = [child.get("name", "") for child in self.children(element, "annotation")]
        rules = tuple(
            self.rule(child, number, columns) for number, child in enumerate(self.children(element, "rule"), 1)
        )
        for rule in rules:
            if len(rule.tests) != len(inputs) or len(rule.outputs) != len(outputs):
                raise DmnError(
                    "rule-width", say("Rule %(number)s has %(tests)s conditions and %(results)s results; the table has %(inputs)s and %(outputs)s columns.", number=rule.number, tests=len(rule.tests), results=len(rule.outputs), inputs=len(inputs), outputs=len(outputs)), rule.element,
                )
        return m.TableBox(*own, _POLICIES[policy], _AGGREGATIONS[aggregation], inputs, outputs, rules)

    def table_input(self, element: Any) -> m.Input:
        inner = self.child(element, "inputExpression")
        text = self.text(inner)
        allowed = self.feel(self.child(element, "inputValues"))
        return m.Input(
            self.identity(element), element.get("label", "") or text,
            m.Text(text, self.identity(inner if inner is not None else element)), self.type_of(inner), allowed,
        )

    def table_output(self, element: Any) -> m.Output:
        return m.Output(
            self.identity(element), element.get("name", ""), element.get("label", ""), self.type_of(element),
            self.feel(self.child(element, "outputValues")), self.feel(self.child(element, "defaultOutputEntry")),
        )

    def rule(self, element: Any, number: int, columns: list[str]) -> m.Rule:
        notes = [self.text(child) for child in self.children(element, "annotationEntry")]
        named = [(columns[at] if at < len(columns) else f"{at + 1}", note) for at, note in enumerate(notes)]
        return m.Rule(
            self.identity(element), number, self.plain(element, "description"),
            tuple(m.Text(self.text(child), self.identity(child)) for child in self.children(element, "inputEntry")),
            tuple(m.Text(self.text(child), self.identity(child)) for child in self.children(element, "outputEntry")),
            tuple(named),
        )


def read(xml: bytes | str) -> m.Definitions:
    """The model in a file. Raises DmnError."""
    return Reader(root_of(xml)).read()
