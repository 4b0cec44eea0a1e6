"""The words that the scripts of the form pages show. A test compares them with what the scripts ask for."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

WORDS = (
    # what a form consists of
    _("Line of text"), _("Text of several lines"), _("Number or amount"), _("Day or time"), _("Tick"), _("One of a list"), _("One of a few"),
    _("Some of a list"), _("Words to read"), _("Group of fields"), _("Line between"), _("Gap"), _("Something else"),
    _("To fill in"), _("To choose from"), _("To read"), _("From the record: %(record)s"), _("Find a field"),
    _("Find a field of the record"), _("Added: %(name)s"),
    # the canvas
    _("The form"), _("Field of the record"), _("read only"), _("not always"), _("needed at times"), _("needed"), _("Yes"),
    _("No words yet"), _("No label"), _("“%(type)s” is not run here. It is kept as it is."), _("Drag fields in here."),
    _("Nothing is asked yet. Drag a field here, or choose one on the left and press Enter."),
    # what can be said of a field
    _("Choose a field of the form to say what it is called, what it takes and when it is asked."), _("Move up"), _("Move down"),
    _("Copy this field"), _("Remove this field"), _("Words"), _("What is read"), _("Label"), _("Help below the field"),
    _("{{= case.severity }} puts a value into the words."), _("What it takes"), _("Choices"), _("When it is asked"), _("Kept in"),
    _("A variable of the process"), _("The record lets this be read only."), _("Later steps know it by its key."), _("Key"),
    _("Letters, digits and underscores, beginning with a letter."), _("Shown as"), _("Takes"), _("a day"), _("a day and a time"),
    _("a time"), _("Begins with"), _("A value as it stands, or an expression that begins with “=”."), _("Taken from a list of the house"),
    _("For instance people:sales_manager. Empty: the choices below."), _("Take the choices of the record"), _("Add a choice"),
    _("Move choice %(n)s up"), _("Move choice %(n)s down"), _("Remove choice %(n)s"), _("%(what)s of choice %(n)s"), _("Value"), _("Always needed"), _("Needed when"), _("Hidden when"),
    _("What is hidden is not asked, and what was in it is not taken."), _("Always read only"), _("Read only when"),
    _("Limits and more"), _("At least"), _("At most"), _("Digits after the point"), _("Currency"),
    _("A name whose value is a currency, such as opportunity.currency."), _("Not in the past"), _("At least so many characters"),
    _("At most so many characters"), _("Must look like"), _("A regular expression."), _("Explained by the decision"),
    _("The key of a decision table: “why?” beside the field tells how it came about."), _("Asked in this form"),
    # what is wrong
    _("1 error"), _("%(n)s errors"), _("1 warning"), _("%(n)s warnings"), _("Show"), _("Nothing is wrong with this form."),
)  # fmt: skip


def words() -> dict[str, str]:
    """Each text in the language in use; with those of the line over every draft."""
    from admin_ext.studio.words import OURS

    return {text: gettext(text) for text in (*WORDS, *OURS)}
