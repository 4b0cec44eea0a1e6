// In place of dmn-js' FEEL editor: a plain text field. What is wrong in a cell is told by the server, whose FEEL is the one
// that decides; the editor's own parser is another language in places, says so in English, and is as large as all the rest.
import ContentEditable from "dmn-js-shared/lib/components/ContentEditable";

export default class PlainExpression extends ContentEditable {
  componentDidMount() {
    if (!this.props.autoFocus || !this.node) return;
    this.node.focus();
    const range = document.createRange();
    range.selectNodeContents(this.node);
    range.collapse(false);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
}
