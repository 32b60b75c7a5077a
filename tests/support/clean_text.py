"""mypy's plugin for `domain.clean.Clean`: what is made of clean text alone, by the methods of `str`, is clean text.

So an f-string, a sum, a slice, `join` and `strip` of it need no word in the code, while one foreign part makes the whole
a mere `str`, which nothing that shows text takes. Literals and numbers count as clean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mypy.checker import TypeChecker
from mypy.nodes import (
    ConditionalExpr,
    Expression,
    GeneratorExpr,
    ListComprehension,
    ListExpr,
    OpExpr,
    StarExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
)
from mypy.plugin import FunctionContext, MethodContext, Plugin
from mypy.types import Instance, LiteralType, ProperType, TupleType, Type, UnionType, get_proper_type

CLEAN = "r1tui.domain.clean.Clean"
_HARMLESS = {CLEAN, "builtins.int", "builtins.float", "builtins.bool", "builtins.slice"}
_STR = "builtins.str."


def _is_clean(kind: Type) -> bool:
    """Whether nothing of this type brings foreign text into what is made of it."""
    known = get_proper_type(kind)
    if isinstance(known, UnionType):
        return all(map(_is_clean, known.items))
    if isinstance(known, TupleType):
        return all(map(_is_clean, known.items))
    if isinstance(known, LiteralType):
        return True
    if not isinstance(known, Instance):
        return False
    return (
        known.last_known_value is not None
        or any(each.fullname in _HARMLESS for each in known.type.mro)
        or (bool(known.args) and _is_clean(known.args[0]))  # what `join` goes through
    )


def _made_of_clean(expression: Expression, context: FunctionContext | MethodContext) -> bool:
    """Whether an argument is clean, looked at by itself: where `str` is wanted, mypy takes a list of clean text for one of `str`."""
    match expression:
        case StrExpr():
            return True
        case ListExpr() | TupleExpr():
            return all(_made_of_clean(each, context) for each in expression.items)
        case ConditionalExpr():
            return _made_of_clean(expression.if_expr, context) and _made_of_clean(
                expression.else_expr, context
            )
        case OpExpr(op="or" | "and"):
            return _made_of_clean(expression.left, context) and _made_of_clean(expression.right, context)
        case StarExpr():
            return _made_of_clean(expression.expr, context)
        case ListComprehension():
            return _made_of_clean(expression.generator.left_expr, context)
        case GeneratorExpr():
            return _made_of_clean(expression.left_expr, context)
    with context.api.msg.filter_errors():  # an `if` of the comprehension may have made it what it is
        return _is_clean(context.api.get_expression_type(expression))


def _all(groups: Sequence[Sequence[Expression]], context: FunctionContext | MethodContext) -> bool:
    return all(_made_of_clean(each, context) for group in groups for each in group)


def _result(context: MethodContext) -> Type:
    """The type of what a method of `str` gives."""
    if _is_clean(context.type) and _all(context.args, context):
        return _cleaned(context.default_return_type, context)
    return context.default_return_type


def _constructed(context: FunctionContext) -> Type:
    """`Clean(…)` is for words of our own: whatever else is to be shown passes `clean`."""
    if not _all(context.args, context):
        context.api.fail("Only a literal or clean text is clean: use clean(…)", context.context)
    return context.default_return_type


def _cleaned(kind: Type, context: MethodContext) -> Type:
    """The type with `Clean` in place of `str`."""
    known: ProperType = get_proper_type(kind)
    if isinstance(known, TupleType):
        return known.copy_modified(items=[_cleaned(each, context) for each in known.items])
    if isinstance(known, Instance):
        if known.type.fullname == "builtins.str":
            return _clean(context) or kind
        return known.copy_modified(args=[_cleaned(each, context) for each in known.args])
    return kind


def _clean(context: MethodContext) -> Instance | None:
    """`Clean`; none while a module is checked that cannot know it."""
    assert isinstance(context.api, TypeChecker)
    module, _, name = CLEAN.rpartition(".")
    found = context.api.modules.get(module)
    node = found.names[name].node if found is not None and name in found.names else None
    return Instance(node, []) if isinstance(node, TypeInfo) else None


class CleanText(Plugin):
    """Hooks into `Clean` and every method of `str`."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """What looks at the argument of `Clean(…)`."""
        return _constructed if fullname == CLEAN else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """What decides about the result of the method."""
        return _result if fullname.startswith((_STR, CLEAN + ".")) else None


def plugin(version: str) -> type[Plugin]:
    """What mypy asks a plugin's module for."""
    return CleanText
