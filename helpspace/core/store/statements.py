"""SQL for whole rows, made once a table: building it anew took most of the time of a commit."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from peewee import Model

M = TypeVar("M", bound=Model)


def _table(model: type[Model]) -> str:
    return f'"{model._meta.table_name}"'  # noqa: SLF001 - Peewee has no other name for it


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@cache
def _fields(model: type[Model]) -> dict[str, Any]:
    return {field.name: field for field in model._meta.sorted_fields}  # noqa: SLF001 - Peewee has no other name for it


@cache
def columns(model: type[Model]) -> tuple[str, ...]:
    """Return the columns of a table in the order in which they are read."""
    return tuple(_fields(model))


@cache
def key_of(model: type[Model]) -> str:
    """Return the condition that finds a row by its primary key."""
    key: Any = model._meta.primary_key  # noqa: SLF001 - Peewee has no other name for it
    return f'"{key.name}" = ?'


def values_for(model: type[Model], values: dict[str, object]) -> list[Any]:
    """Return values as the database takes them; a column that is not there is a KeyError."""
    fields = _fields(model)
    return [fields[name].db_value(value) for name, value in values.items()]


def made(model: type[M], row: tuple[Any, ...]) -> M:
    """Return a row that `select` or `returning` has read."""
    return model(__no_default__=1, **dict(zip(columns(model), row, strict=True)))


@cache
def select(model: type[Model], where: str) -> str:
    """Return the statement that reads whole rows."""
    return f"SELECT {_names(columns(model))} FROM {_table(model)} WHERE {where}"


@cache
def returning(model: type[Model], change: str) -> str:
    """Return a changing statement that gives back whole rows as they are after it."""
    return f"{change} RETURNING {_names(columns(model))}"


@cache
def insert(model: type[Model], names: tuple[str, ...], *, once: bool = False) -> str:
    """Return the statement that inserts a row, with `once` unless a unique key forbids it."""
    marks = ", ".join("?" for _ in names)
    end = " ON CONFLICT DO NOTHING" if once else ""
    return f"INSERT INTO {_table(model)} ({_names(names)}) VALUES ({marks}){end}"


@cache
def update(model: type[Model], names: tuple[str, ...], where: str) -> str:
    """Return the statement that sets columns."""
    changes = ", ".join(f'"{name}" = ?' for name in names)
    return f"UPDATE {_table(model)} SET {changes} WHERE {where}"
