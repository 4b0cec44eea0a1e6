// A column of our own at the end of the table: which examples reach a rule, and what was found in it.
import { Component, createVNode } from "inferno";
import { t } from "./words.js";

const found = { rules: new Map(), known: false };
const listeners = new Set();

/** Show what was found in the table that is open: `rules` by number, each {examples, findings}. */
export const showMarks = (rules, known) => {
  found.rules = rules;
  found.known = known;
  listeners.forEach((again) => again());
};

const element = (tag, className, children, attributes = {}) => createVNode(1, tag, className, children, 0, attributes);
const symbol = (name, className, title) => element("span", `icon ${className}`, name, { title, role: "img", "aria-label": title, translate: "no" });

class Head extends Component {
  render() {
    return element("th", "redraw-marks header", t("Examples"));
  }
}

class Marks extends Component {
  constructor(props, context) {
    super(props, context);
    this.again = () => this.forceUpdate();
  }

  componentDidMount() {
    listeners.add(this.again);
  }

  componentWillUnmount() {
    listeners.delete(this.again);
  }

  render() {
    const number = this.props.row.root.rows.indexOf(this.props.row) + 1;
    const mark = found.rules.get(number);
    const parts = [];
    if (found.known && mark) {
      for (const finding of mark.findings.slice(0, 2)) parts.push(symbol(finding.severity === "error" ? "error" : "warning", finding.severity, finding.sentence));
      if (mark.examples === null) parts.push(element("span", "none", "–", { title: t("It cannot be told which examples reach this rule") }));
      else if (mark.examples.length) parts.push(element("span", "reached", mark.examples.slice(0, 3).join(", ") + (mark.examples.length > 3 ? " …" : ""), { title: t("Reached by examples %(numbers)s", { numbers: mark.examples.join(", ") }) }));
      else parts.push(symbol("radio_button_unchecked", "unreached", t("No example reaches this rule")));
    }
    return element("td", `redraw-marks${mark && mark.findings.length ? " marked" : ""}`, parts, { "data-rule": String(number) });
  }
}

class MarksProvider {
  constructor(components) {
    components.onGetComponent("cell", ({ cellType }) => {
      if (cellType === "after-label-cells") return Head;
      return cellType === "after-rule-cells" ? Marks : undefined;
    });
  }
}
MarksProvider.$inject = ["components"];

export const marksModule = { __init__: ["redrawMarks"], redrawMarks: ["type", MarksProvider] };
