// dmn-js with what the server takes from it, and nothing more: tables, literal expressions, and the graph to look at.
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import TableEditor from "dmn-js-decision-table/lib/Editor";
import description from "dmn-js-decision-table/lib/features/description";
import expressionLanguage from "dmn-js-decision-table/lib/features/expression-language";
import tableGraph from "dmn-js-decision-table/lib/features/view-drd";
import GraphViewer from "dmn-js-drd/lib/NavigatedViewer";
import definitionName from "dmn-js-drd/lib/features/definition-properties/viewer";
import ExpressionEditor from "dmn-js-literal-expression/lib/Editor";
import expressionProperties from "dmn-js-literal-expression/lib/features/literal-expression-properties/editor";
import expressionView from "dmn-js-literal-expression/lib/features/literal-expression-properties";
import expressionGraph from "dmn-js-literal-expression/lib/features/view-drd";
import { is } from "dmn-js-shared/lib/util/ModelUtil";
import { marksModule } from "./marks.js";
import { translate } from "./words.js";

const without = (modules, ...left) => modules.filter((module) => !left.includes(module));

class Table extends TableEditor {
  getModules() {
    return without(super.getModules(), description, expressionLanguage, tableGraph);
  }
}

class Expression extends ExpressionEditor {
  getModules() {
    return without(super.getModules(), expressionProperties, expressionView, expressionGraph);
  }
}

class Graph extends GraphViewer {
  getModules() {
    return without(super.getModules(), definitionName);
  }
}

class Manager extends EditingManager {
  _getViewProviders() {
    return [
      { id: "drd", constructor: Graph, opens: "dmn:Definitions" },
      { id: "decisionTable", constructor: Table, opens: (element) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:DecisionTable") },
      { id: "literalExpression", constructor: Expression, opens: (element) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:LiteralExpression") },
    ];
  }
}

const words = { translate: ["value", translate] };
const TYPES = ["string", "boolean", "number", "date", "time", "date and time", "days and time duration", "years and months duration", "Any"];

/** The editor in a box; `changed()` is called after every change. */
export const openEditor = (container, changed) => {
  const manager = new Manager({
    container, height: "auto", common: { dataTypes: TYPES },
    drd: { additionalModules: [words] }, decisionTable: { additionalModules: [words, marksModule] }, literalExpression: { additionalModules: [words] },
  });
  manager.on("viewer.created", ({ viewer }) => viewer.on("elements.changed", changed));
  return manager;
};
