"""CEL as Kubernetes and Kyverno evaluate it, by Google's own implementation, which is optional."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from netsim.ir.admission import NotEvaluatedError
from netsim.posture.celfunctions import Function, Kind, functions

_VARIABLES = ("object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer")


#: What is not known of a request that nobody made.
_UNKNOWN = {
    "authorizer": "it asks the authorizer",
    "userInfo": "it depends on who asks",
    "namespaceObject.metadata.annotations": "it asks for annotations of the namespace",
}


class CelError(Exception):
    """An expression has no value for this object: a field that is absent, an index out of range."""


def value(expression: str, data: Mapping[str, Any]) -> Any:
    """Return what an expression evaluates to, as plain values.

    Raises:
        CelError: The expression fails on this object, as it would in a server.
        NotEvaluatedError: There is no engine, or the expression uses what the engine does not know.
    """
    compiled = _compiled(expression)
    for word, why in _UNKNOWN.items():
        if word in expression:
            raise NotEvaluatedError(why)
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
    types = {
        Kind.STRING: cel.Type.STRING,
        Kind.BOOL: cel.Type.BOOL,
        Kind.INT: cel.Type.INT,
        Kind.DOUBLE: cel.Type.DOUBLE,
        Kind.OPAQUE: cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
        Kind.LIST: cel.Type.List(cel.Type.DYN),
        Kind.DYN: cel.Type.DYN,
    }

    def overload(each: Function) -> Any:
        return cel.Overload(
            each.id,
            return_type=types[each.result],
            parameters=[types[kind] for kind in each.parameters],
            is_member=each.member,
            impl=each.run,
        )

    named: dict[str, list[Any]] = {}
    for each in functions():
        named.setdefault(each.name, []).append(overload(each))
    declared = [cel.FunctionDecl(name, overloads) for name, overloads in named.items()]
    variables = dict.fromkeys(_VARIABLES, cel.Type.DYN)
    return cel.NewEnv(variables=variables, extensions=extensions, functions=declared)
