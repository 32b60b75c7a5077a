"""`dataclass`, as that of the standard library, whose classes cost a tenth to make.

The library compiles six functions from text for each frozen class: a start makes 200 classes, a sixth of its processor
time. Here one is compiled, `__init__`, when the first object of the class is made; the others are made of the fields'
names.
"""

from __future__ import annotations

from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True):
        """Make a class a dataclass. A frozen one has a hash; that nothing writes to it is seen to by mypy alone."""

        def make(cls):
            own = vars(cls).get("__hash__")
            # Without one the library writes a signature: half of what a class costs.
            cls.__doc__ = cls.__doc__ or cls.__name__
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            if "__init__" not in vars(cls):
                made.__init__ = _constructor(made)
            if "__repr__" not in vars(cls):
                made.__repr__ = _repr
            if eq and "__eq__" not in vars(cls):
                _compare(made, frozen, own)
            return made

        return make if cls is None else make(cls)

    def _constructor(cls):
        def __init__(self, *values, **named):
            heir = type(cls)(cls.__name__, (cls,), {"__doc__": cls.__doc__})
            dataclasses.dataclass(repr=False, eq=False)(heir)
            cls.__init__ = heir.__init__  # of all inherited fields, which are all that there are
            cls.__init__(self, *values, **named)

        return __init__

    def _compare(cls, frozen, own_hash):
        names = [field.name for field in dataclasses.fields(cls) if field.compare]
        # Two at least: of one name alone it would give the bare value, of which NaN is not equal to itself.
        values = attrgetter(*names, *names[:1]) if names else lambda _: ()

        def __eq__(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def __hash__(self):
            return hash(values(self))

        cls.__eq__ = __eq__
        cls.__hash__ = own_hash or (__hash__ if frozen else None)

    @recursive_repr()
    def _repr(self):
        shown = (
            f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr
        )
        return f"{type(self).__qualname__}({', '.join(shown)})"
