"""CEL as Kubernetes and Kyverno evaluate it, by Google's own implementation, which is optional."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from netsim.ir.admission import NotEvaluatedError
from netsim.posture.quantities import number_of

_VARIABLES = ("object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer")


class CelError(Exception):
    """An expression has no value for this object: a field that is absent, an index out of range."""


def value(expression: str, data: Mapping[str, Any]) -> Any:
    """Return what an expression evaluates to, as plain values.

    Raises:
        CelError: The expression fails on this object, as it would in a server.
        NotEvaluatedError: There is no engine, or the expression uses what the engine does not know.
    """
    compiled = _compiled(expression)
    if "authorizer" in expression:
        raise NotEvaluatedError("it asks the authorizer")
    try:
        found = compiled.eval(data={name: data.get(name) for name in _VARIABLES})
        kind, plain = found.type(), found.plain_value()
    except Exception as error:
        raise NotEvaluatedError(f"CEL: {str(error)[:200]}") from error
    if str(kind) == "ERROR" or getattr(kind, "name", lambda: "")() == "*error*":
        raise CelError(str(plain))
    return plain


@cache
def _compiled(expression: str) -> Any:
    environment = _environment()
    try:
        return environment.compile(expression)
    except Exception as error:
        raise NotEvaluatedError(f"CEL: {str(error).splitlines()[0][:200]}") from error


@cache
def _environment() -> Any:
    try:
        from cel_expr_python import cel
        from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings
    except ImportError:
        raise NotEvaluatedError("no engine for CEL: install netsim[admission]") from None
    extensions = [
        ext_strings.ExtStrings(),
        ext_math.ExtMath(),
        ext_optional.ExtOptional(),
        ext_bindings.ExtBindings(),
        ext_encoders.ExtEncoders(),
    ]
    quantity = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)

    def declared(name: str, id_: str, parameters: Sequence[Any], result: Any, run: Any, *, member: bool = False) -> Any:
        overload = cel.Overload(id_, return_type=result, parameters=parameters, is_member=member, impl=run)
        return cel.FunctionDecl(name, [overload])

    functions = [
        declared("quantity", "quantity_string", [cel.Type.STRING], quantity, lambda text: {"quantity": _number(text)}),
        declared("isQuantity", "is_quantity", [cel.Type.STRING], cel.Type.BOOL, lambda t: number_of(t) is not None),
        *(
            declared(name, f"quantity_{name}", [quantity, quantity], result, run, member=True)
            for name, result, run in (
                ("isGreaterThan", cel.Type.BOOL, lambda a, b: a["quantity"] > b["quantity"]),
                ("isLessThan", cel.Type.BOOL, lambda a, b: a["quantity"] < b["quantity"]),
                (
                    "compareTo",
                    cel.Type.INT,
                    lambda a, b: (a["quantity"] > b["quantity"]) - (a["quantity"] < b["quantity"]),
                ),
            )
        ),
    ]
    variables = dict.fromkeys(_VARIABLES, cel.Type.DYN)
    return cel.NewEnv(variables=variables, extensions=extensions, functions=functions)


def _number(text: str) -> float:
    found = number_of(text)
    if found is None:
        raise ValueError(f"{text} is no quantity")
    return found
