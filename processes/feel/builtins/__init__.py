"""The built-in functions of DMN 1.5, chapter 10.3.4, one module for each table of the standard."""

from . import contexts, conversion, dates, lists, ranges, strings
from . import numeric as numeric
from .registry import BUILTINS

__all__ = ["BUILTINS", "contexts", "conversion", "dates", "lists", "numeric", "ranges", "strings"]
