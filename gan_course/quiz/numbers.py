"""Reading a number in the forms that people write it in."""

import ast
import math
import operator
from numbers import Real

_FUNCTIONS = {"log": math.log, "exp": math.exp, "sqrt": math.sqrt}
_NAMES = {"pi": math.pi, "e": math.e}
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_LARGEST_POWER, _LARGEST_BASE = 64, 1e60
_LONGEST = 1_000  # characters


class Unreadable(ValueError):
    """An answer that can't be read; the message says what was expected."""


def read_number(answer: object, unit: str = "", names: dict[str, float] | None = None) -> float:
    """The number that an answer stands for.

    Args:
        answer: a number of Python, NumPy or PyTorch; or text such as "784", "14**2", "3/4", "log(4)", "1,024" or
            "196 patches".
        unit: that may stand behind it.
        names: further names that may stand in a text.

    Raises:
        Unreadable: it is none of these, or not finite.
    """
    if isinstance(answer, str):
        value = _calculated(answer, unit, _NAMES | (names or {}))
    else:
        value = _plain(answer)
    if isinstance(value, complex) or not math.isfinite(value):
        raise Unreadable(f"Expected a finite number, got {answer!r}.")
    return value


def _plain(answer):
    if hasattr(answer, "item") and getattr(answer, "size", 1) != 0:
        try:
            answer = answer.item()
        except (ValueError, RuntimeError, TypeError):
            raise Unreadable(f"Expected one number, got {type(answer).__name__} of several.") from None
    if isinstance(answer, bool) or not isinstance(answer, Real):
        raise Unreadable(f"Expected a number, or a calculation such as 14**2, got {type(answer).__name__}.")
    return answer


def _calculated(text, unit, names):
    bare = text.strip().removesuffix(unit).replace(",", "").replace("^", "**").replace("·", "*").replace("−", "-")
    try:
        if len(bare) > _LONGEST:
            raise ValueError("a calculation as long as that is no answer")
        return _value(ast.parse(bare.strip(), mode="eval").body, names)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        wanted = f" in {unit}" if unit else ""
        raise Unreadable(f"Expected a number{wanted}, or a calculation such as 14**2, got {text[:60]!r}.") from None


def _value(node, names):
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, names))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            left, right = _value(left, names), _value(right, names)
            if isinstance(op, ast.Pow) and (abs(right) > _LARGEST_POWER or abs(left) > _LARGEST_BASE):
                raise ValueError("a power as large as that is no answer")
            return _OPERATORS[type(op)](left, right)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, names))
    raise ValueError("not a number")
