"""Queries in SQL: each condition as text with parameters, never a value inside the text. 查询语句

What has a column or stands in the inverted index is asked there; the rest is asked of the
body, parsed as JSON for those events alone that pass everything cheaper, among it a plain
search for the field's name in the text of the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, assert_never
from uuid import UUID

from psycopg import sql

from suyuan.journal._prepare import event_key
from suyuan.journal._query import EventQuery, Order, PageMark
from suyuan.journal._query_conditions import (
    AttributeFits,
    Column,
    ColumnIn,
    Condition,
    Declared,
    EventIdIn,
    Exists,
    FieldExists,
    FieldFits,
    FieldName,
    IsOneOf,
    Mentions,
    Operator,
    Place,
    QuantityFits,
    Scope,
    SensorNumberFits,
    TimeFits,
    Value,
    Within,
)
from suyuan.journal._query_fragments import (
    BODY,
    NUMBER,
    canonical,
    fixed_part,
    is_plain,
    operator_sql,
    quantities,
    thresholds,
)
from suyuan.store import Connection

__all__ = ["Statement"]

_SQL = sql.SQL
_FEW_MAX = 10_000
_SENSOR_PLACES = frozenset({Place.ELEMENT, Place.METADATA, Place.REPORT})
_PERSISTENT_PLACES = frozenset({Place.PERSISTENT_SET, Place.PERSISTENT_UNSET})
_SCOPE_NAMES = {
    Scope.ILMD: '"ilmd"',
    Scope.SENSORELEMENT: '"sensorElementList"',
    Scope.SENSORMETADATA: '"sensorMetadata"',
    Scope.SENSORREPORT: '"sensorReport"',
}


class Statement:
    """One query in SQL, with its parameters."""

    def __init__(
        self, connection: Connection, tenant_id: int, query: EventQuery, position: int
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._query = query
        self.parameters: dict[str, Any] = {}
        self._needs_body = False
        self._tenant = self._bind(tenant_id)
        self._wheres: list[sql.Composable] = [
            _SQL("event.tenant_id = {tenant} AND event.sequence <= {position}").format(
                tenant=self._tenant, position=self._bind(position)
            ),
            *(self._condition(condition) for condition in query.conditions),
        ]

    def _bind(self, value: object) -> sql.Placeholder:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return sql.Placeholder(name)

    # -- whole statements --------------------------------------------------------------------

    def page(self, mark: PageMark | None, rows_max: int) -> sql.Composed:
        """Give number, time and size of the events of a page, in order."""
        order, beyond, skip = self._order(self._query.order, mark)
        join = self._order_join(self._query.order)
        return _SQL(
            "SELECT event.sequence, event.event_time, octet_length(event.body) "
            "FROM journal.event AS event {body}{join}WHERE {wheres} "
            "ORDER BY {order} LIMIT {limit} OFFSET {skip}"
        ).format(
            body=BODY if self._needs_body else _SQL(""),
            join=join,
            wheres=_SQL(" AND ").join([*self._wheres, *beyond]),
            order=order,
            limit=self._bind(rows_max),
            skip=self._bind(skip),
        )

    def count(self, rows_max: int) -> sql.Composed:
        """Count the events, but not further than this."""
        return _SQL(
            "SELECT count(*) FROM (SELECT FROM journal.event AS event {body}WHERE {wheres} "
            "LIMIT {limit}) AS found"
        ).format(
            body=BODY if self._needs_body else _SQL(""),
            wheres=_SQL(" AND ").join(self._wheres),
            limit=self._bind(rows_max),
        )

    def _order(
        self, order: Order, mark: PageMark | None
    ) -> tuple[sql.Composable, list[sql.Composable], int]:
        """Give the order, the condition that leads past the pages before, and rows to skip."""
        direction = _SQL("DESC" if order.is_descending else "ASC")
        after = _SQL("<" if order.is_descending else ">")
        beyond: list[sql.Composable] = []
        skip = 0
        if order.by in ("quantity", "field"):
            keys = ("quantity",) if order.by == "quantity" else ("number", "time", "text")
            text = _SQL(", ").join(
                [
                    *(
                        _SQL("key.{key} {direction} NULLS LAST").format(
                            key=sql.Identifier(key), direction=direction
                        )
                        for key in keys
                    ),
                    _SQL("event.sequence"),
                ]
            )
            return text, beyond, mark.given if mark else 0
        if order.by == "event_time":
            if mark is not None:
                beyond.append(
                    _SQL("(event.event_time, event.sequence) {after} ({time}, {last})").format(
                        after=after,
                        time=self._bind(mark.event_time),
                        last=self._bind(mark.sequence),
                    )
                )
            text = _SQL("event.event_time {way}, event.sequence {way}").format(way=direction)
            return text, beyond, skip
        if mark is not None:
            beyond.append(
                _SQL("event.sequence {after} {last}").format(
                    after=after, last=self._bind(mark.sequence)
                )
            )
        return _SQL("event.sequence {way}").format(way=direction), beyond, skip

    def _order_join(self, order: Order) -> sql.Composable:
        if order.by == "quantity":
            self._needs_body = True
            return _SQL(
                "LEFT JOIN LATERAL (SELECT max({number}) AS quantity FROM {lists}) AS key ON true "
            ).format(number=NUMBER.format(value=_SQL("element->'quantity'")), lists=quantities())
        if order.field is not None:
            self._needs_body = True
            return _SQL(
                "LEFT JOIN LATERAL (SELECT {number} AS number, "
                "epcis.as_time(single.value #>> '{{}}') AS time, "
                "(single.value #>> '{{}}') COLLATE \"C\" AS text FROM {fields} "
                "WHERE {named} LIMIT 1) AS key ON true "
            ).format(
                named=self._named(Scope.EVENT, order.field),
                number=NUMBER.format(value=_SQL("single.value")),
                fields=self._fields(Scope.EVENT, order.field, is_inner=False),
            )
        return _SQL("")

    # -- conditions --------------------------------------------------------------------------

    def _condition(self, condition: Condition) -> sql.Composable:
        match condition:
            case ColumnIn():
                return self._column_in(condition)
            case TimeFits():
                return self._time_fits(condition)
            case EventIdIn():
                return self._event_id_in(condition)
            case Mentions():
                return self._mentions(condition)
            case Within():
                return self._within(condition)
            case QuantityFits():
                return self._quantity_fits(condition)
            case SensorNumberFits():
                return self._sensor_number_fits(condition)
            case IsOneOf():
                return self._is_one_of(condition)
            case Exists():
                return self._exists(condition)
            case Declared():
                return _SQL("event.is_error_declaration")
            case FieldFits():
                return self._field_fits(condition)
            case FieldExists():
                return self._field_exists(condition)
            case AttributeFits():
                return self._attribute_fits(condition)
        assert_never(condition)

    def _column_in(self, condition: ColumnIn) -> sql.Composable:
        is_number = condition.column in (Column.EVENT_TYPE, Column.ACTION)
        return _SQL("event.{column} = ANY({values}::{kind}[])").format(
            column=sql.Identifier(condition.column),
            values=self._bind(list(condition.values)),
            kind=_SQL("smallint" if is_number else "text"),
        )

    def _time_fits(self, condition: TimeFits) -> sql.Composable:
        operator = operator_sql(condition.operator)
        if isinstance(condition.where, Column):
            return _SQL("event.{column} {operator} {time}").format(
                column=sql.Identifier(condition.where),
                operator=operator,
                time=self._bind(condition.time),
            )
        return self._in_body(
            condition.where,
            _SQL("epcis.as_time(value #>> '{{}}') {operator} {time}").format(
                operator=operator, time=self._bind(condition.time)
            ),
        )

    def _event_id_in(self, condition: EventIdIn) -> sql.Composable:
        keys = [
            UUID(bytes=event_key(event_id, is_error_declaration=is_declaration))
            for event_id in condition.event_ids
            for is_declaration in (False, True)
        ]
        found = _SQL(
            "SELECT key.sequence FROM journal.event_key AS key "
            "WHERE key.tenant_id = {tenant} AND key.event_key = ANY({keys})"
        ).format(tenant=self._tenant, keys=self._bind(keys))
        few = self._few(found)
        sequences: sql.Composable = found if few is None else self._bind(few)
        return _SQL(
            "event.event_id = ANY({ids}::text[]) AND event.sequence = ANY({sequences})"
        ).format(ids=self._bind(list(condition.event_ids)), sequences=sequences)

    def _mentions(self, condition: Mentions) -> sql.Composable:
        numbers = self._object_numbers(condition.uris) if condition.uris else []
        objects: list[sql.Composable] = []
        for pattern in condition.patterns:
            fitting = _SQL(
                "SELECT object.object_id FROM journal.object AS object "
                "WHERE object.tenant_id = {tenant} AND object.uri >= {low} "
                "AND object.uri < {high} AND object.uri LIKE {pattern}"
            ).format(
                tenant=self._tenant,
                low=self._bind(fixed_part(pattern)),
                high=self._bind(fixed_part(pattern) + "\U0010ffff"),
                pattern=self._bind(pattern),
            )
            few = self._few(fitting)
            if few is None:
                objects.append(_SQL("posting.object_id IN ({all})").format(all=fitting))
            else:
                numbers += few
        objects.append(self._one_of(numbers))
        word: sql.Composable = _SQL("")
        if condition.word is not None:
            word = (
                _SQL(" AND posting.word = {word}").format(word=self._bind(condition.word))
                if condition.word
                else _SQL(" AND posting.word IS NULL")
            )
        return self._posted(condition.roles, _SQL(" OR ").join(objects), word)

    def _one_of(self, numbers: list[int]) -> sql.Composable:
        return _SQL("posting.object_id = ANY({numbers}::bigint[])").format(
            numbers=self._bind(numbers)
        )

    def _few(self, numbers: sql.Composable) -> list[int] | None:
        """Give the numbers that a statement gives, unless they are many.

        The planner can't know how many there will be, and is far off where it matters most:
        for the one object among millions. So few are looked up first and told to it.
        """
        text = _SQL("{numbers} LIMIT {limit}").format(
            numbers=numbers, limit=sql.Literal(_FEW_MAX + 1)
        )
        rows = self._connection.execute(text, self.parameters, prepare=False).fetchall()
        return None if len(rows) > _FEW_MAX else [int(number) for (number,) in rows]

    def _posted(
        self, roles: Sequence[int], objects: sql.Composable, word: sql.Composable
    ) -> sql.Composable:
        postings = _SQL(
            "SELECT unnest(posting.sequences) FROM journal.posting AS posting "
            "WHERE posting.tenant_id = {tenant} AND posting.role = ANY({roles}::smallint[]) "
            "AND ({objects}){word}"
        ).format(
            tenant=self._tenant,
            roles=self._bind([int(role) for role in roles]),
            objects=objects,
            word=word,
        )
        few = self._few(postings)
        if few is None:
            return _SQL("event.sequence IN ({postings})").format(postings=postings)
        return _SQL("event.sequence = ANY({few}::bigint[])").format(
            few=self._bind(sorted(set(few)))
        )

    def _object_numbers(self, uris: Sequence[str]) -> list[int]:
        rows = self._connection.execute(
            "SELECT object_id FROM journal.object WHERE tenant_id = %s AND uri = ANY(%s)",
            (self._tenant_id, list(uris)),
        )
        return [int(number) for (number,) in rows]

    def _within(self, condition: Within) -> sql.Composable:
        numbers = self._object_numbers(self._descendants(condition.uris))
        return self._posted((condition.role,), self._one_of(numbers), _SQL(""))

    def _descendants(self, uris: Sequence[str]) -> list[str]:
        """Give these places and all that master data puts inside them, directly or not."""
        found = set(uris)
        level = list(uris)
        while level:
            rows = self._connection.execute(
                "SELECT DISTINCT ON (vocabulary, element_id) content->'children' "
                "FROM journal.master_data WHERE tenant_id = %s AND element_id = ANY(%s::text[]) "
                "ORDER BY vocabulary, element_id, record_time DESC",
                (self._tenant_id, level),
            ).fetchall()
            children = {
                canonical(child)
                for (children,) in rows
                if isinstance(children, list)
                for child in children
                if isinstance(child, str)
            }
            level = sorted(children - found)
            found.update(level)
        return sorted(found)

    def _quantity_fits(self, condition: QuantityFits) -> sql.Composable:
        self._needs_body = True
        fits = self._number_fits(
            _SQL("element->'quantity'"), condition.operator, condition.values, condition.uom
        )
        return _SQL(
            "strpos(event.body, 'uantityList\"') > 0 AND EXISTS (SELECT FROM {lists} WHERE {fits})"
        ).format(lists=quantities(), fits=fits)

    def _sensor_number_fits(self, condition: SensorNumberFits) -> sql.Composable:
        self._needs_body = True
        fits = self._number_fits(
            _SQL("element->{field}").format(field=sql.Literal(condition.field)),
            condition.operator,
            condition.values,
            condition.uom,
            is_difference=condition.field == "sDev",
        )
        return _SQL(
            "strpos(event.body, {name}) > 0 AND EXISTS (SELECT FROM "
            "jsonb_path_query(body.document, {path}::jsonpath) AS element WHERE {fits})"
        ).format(
            name=self._bind(f'"{condition.field}"'),
            path=self._bind(str(Place.REPORT)),
            fits=fits,
        )

    def _number_fits(
        self,
        value: sql.Composable,
        operator: Operator,
        wanted: Sequence[Decimal],
        uom: str | None,
        *,
        is_difference: bool = False,
    ) -> sql.Composable:
        number = NUMBER.format(value=value)
        if uom is None:
            return _SQL("{number} {operator} ANY({wanted}::numeric[])").format(
                number=number, operator=operator_sql(operator), wanted=self._bind(list(wanted))
            )
        limits = thresholds(wanted, uom, is_difference=is_difference)
        return _SQL(
            "EXISTS (SELECT FROM unnest({uoms}::text[], {divisors}::numeric[], "
            "{limits}::numeric[]) AS unit (uom, divisor, threshold) "
            "WHERE unit.uom = element->>'uom' AND {number} * unit.divisor {operator} "
            "unit.threshold)"
        ).format(
            uoms=self._bind([one[0] for one in limits]),
            divisors=self._bind([Decimal(one[1].denominator) for one in limits]),
            limits=self._bind([Decimal(one[1].numerator) for one in limits]),
            number=number,
            operator=operator_sql(operator),
        )

    def _is_one_of(self, condition: IsOneOf) -> sql.Composable:
        fits: sql.Composable = _SQL("(value #>> '{{}}') = ANY({texts}::text[])").format(
            texts=self._bind(list(condition.texts))
        )
        if condition.suffixes:
            fits = _SQL(
                "({fits} OR (value #>> '{{}}') LIKE 'http%%' AND EXISTS (SELECT FROM "
                "unnest({suffixes}::text[]) AS suffix "
                "WHERE right(value #>> '{{}}', length(suffix)) = suffix))"
            ).format(fits=fits, suffixes=self._bind(list(condition.suffixes)))
        return self._in_body(condition.places, fits)

    def _in_body(self, places: Sequence[tuple[Place, str]], fits: sql.Composable) -> sql.Composable:
        """Say that something at one of these places fits; it is called `value` there."""
        self._needs_body = True
        sources = [
            _SQL("SELECT jsonb_path_query(body.document, {path}::jsonpath) AS value").format(
                path=self._bind(f'{place}."{field}"[*]' if field else f"{place}[*]")
            )
            for place, field in places
        ]
        return _SQL("{cheap}EXISTS (SELECT FROM ({sources}) AS found WHERE {fits})").format(
            cheap=self._cheaply({place for place, _ in places}),
            sources=_SQL(" UNION ALL ").join(sources),
            fits=fits,
        )

    def _cheaply(self, places: set[Place]) -> sql.Composable:
        """Say something that is easily seen and must be so for anything to stand there."""
        if places <= _SENSOR_PLACES:
            return _SQL("strpos(event.body, '\"sensorElementList\"') > 0 AND ")
        if places <= _PERSISTENT_PLACES:
            return _SQL("strpos(event.body, '\"persistentDisposition\"') > 0 AND ")
        if places <= {Place.ERROR}:
            return _SQL("event.is_error_declaration AND ")
        return _SQL("")

    def _exists(self, condition: Exists) -> sql.Composable:
        self._needs_body = True
        return _SQL(
            "strpos(event.body, {quoted}) > 0 AND coalesce(body.document->{field}, 'null') "
            "NOT IN ('null', '[]', '{{}}', '\"\"')"
        ).format(quoted=self._bind(f'"{condition.field}"'), field=sql.Literal(condition.field))

    # -- extension fields --------------------------------------------------------------------

    def _fields(self, scope: Scope, name: FieldName, *, is_inner: bool) -> sql.Composable:
        """Give the single values of all fields of a name, as `single.value`."""
        objects = f'{scope} ? (@.type() == "object")'
        path = f"{objects}.keyvalue()"
        if is_inner:
            outer = ' ? (@."key" like_regex ":" && @."key" != "@context")'
            path += f'{outer}."value".** ? (@.type() == "object").keyvalue()'
        return _SQL(
            "jsonb_path_query(body.document, {path}::jsonpath) AS field "
            "CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof(item) = 'object' "
            "THEN coalesce(item->'@value', item->'#text', item) ELSE item END AS value "
            "FROM jsonb_path_query(field->'value', 'lax $[*]') AS item "
            "WHERE CASE WHEN right(field->>'key', length({ending})) = {ending} "
            "THEN field->>'key' = ANY({keys}::text[]) OR epcis.full_name(field->>'key', "
            "epcis.namespaces(body.document)) = ANY({names}::text[]) END) AS single"
        ).format(
            ending=self._bind(name.ending),
            path=self._bind(path),
            names=self._bind(list(name.names)),
            keys=self._bind(list(name.keys)),
        )

    def _named(self, scope: Scope, name: FieldName) -> sql.Composable:
        """Say that the name stands in the body at all, as text."""
        parts = [_SCOPE_NAMES[scope]] if scope in _SCOPE_NAMES else []
        if name.ending and is_plain(name.ending):
            parts.append(f'{name.ending}":')
        cheap = [self._in_text(part) for part in parts]
        return _SQL(" AND ").join(cheap) if cheap else _SQL("true")

    def _in_text(self, part: str) -> sql.Composable:
        return _SQL("strpos(event.body, {part}) > 0").format(part=self._bind(part))

    def _field_fits(self, condition: FieldFits) -> sql.Composable:
        self._needs_body = True
        named = self._named(condition.scope, condition.name)
        texts = [value.text for value in condition.values]
        if condition.operator is Operator.EQ and all(
            value.number is None and value.time is None and is_plain(value.text)
            for value in condition.values
        ):
            said = _SQL(" OR ").join([self._in_text(text) for text in texts])
            named = _SQL("{named} AND ({said})").format(named=named, said=said)
        return _SQL("{named} AND EXISTS (SELECT FROM {fields} WHERE {fits})").format(
            named=named,
            fields=self._fields(condition.scope, condition.name, is_inner=condition.is_inner),
            fits=self._value_fits(condition.operator, condition.values),
        )

    def _value_fits(self, operator: Operator, values: Sequence[Value]) -> sql.Composable:
        numbers = [value.number for value in values if value.number is not None]
        times = [value.time for value in values if value.time is not None]
        fits: list[sql.Composable] = []
        if operator is Operator.EQ:
            fits.append(
                _SQL("(single.value #>> '{{}}') = ANY({texts}::text[])").format(
                    texts=self._bind([value.text for value in values])
                )
            )
        if numbers:
            fits.append(
                _SQL("{number} {operator} ANY({numbers}::numeric[])").format(
                    number=NUMBER.format(value=_SQL("single.value")),
                    operator=operator_sql(operator),
                    numbers=self._bind(numbers),
                )
            )
        if times:
            fits.append(
                _SQL(
                    "epcis.as_time(single.value #>> '{{}}') {operator} ANY({times}::timestamptz[])"
                ).format(operator=operator_sql(operator), times=self._bind(times))
            )
        return _SQL("({fits})").format(fits=_SQL(" OR ").join(fits))

    def _field_exists(self, condition: FieldExists) -> sql.Composable:
        self._needs_body = True
        return _SQL(
            "{named} AND EXISTS (SELECT FROM {fields} WHERE jsonb_typeof(single.value) <> 'null')"
        ).format(
            named=self._named(condition.scope, condition.name),
            fields=self._fields(condition.scope, condition.name, is_inner=condition.is_inner),
        )

    def _attribute_fits(self, condition: AttributeFits) -> sql.Composable:
        elements = _SQL(
            "SELECT newest.element_id FROM (SELECT DISTINCT ON (known.vocabulary, known.element_id)"
            " known.element_id, known.content FROM journal.master_data AS known "
            "WHERE known.tenant_id = {tenant} "
            "ORDER BY known.vocabulary, known.element_id, known.record_time DESC) AS newest, "
            "jsonb_path_query(newest.content, 'lax $.\"attributes\"[*]') AS attribute "
            "WHERE attribute->>'id' = ANY({names}::text[]) AND {fits}"
        ).format(
            tenant=self._tenant,
            names=self._bind(list(condition.attributes)),
            fits=_SQL("coalesce(attribute->'attribute', 'null') <> 'null'")
            if condition.values is None
            else _SQL(
                "EXISTS (SELECT FROM jsonb_path_query(attribute->'attribute', 'lax $[*]') AS item "
                "WHERE (item #>> '{{}}') = ANY({values}::text[]))"
            ).format(values=self._bind(list(condition.values))),
        )
        if isinstance(condition.field, Column):
            return _SQL("event.{column} IN ({elements})").format(
                column=sql.Identifier(condition.field), elements=elements
            )
        if isinstance(condition.field, FieldName):
            self._needs_body = True
            return _SQL(
                "{named} AND EXISTS (SELECT FROM {fields} WHERE (single.value #>> '{{}}') "
                "IN ({elements}))"
            ).format(
                named=self._named(Scope.EVENT, condition.field),
                fields=self._fields(Scope.EVENT, condition.field, is_inner=False),
                elements=elements,
            )
        objects = _SQL(
            "posting.object_id IN (SELECT object.object_id FROM journal.object AS object "
            "WHERE object.tenant_id = {tenant} AND object.uri IN ({elements}))"
        ).format(tenant=self._tenant, elements=elements)
        return self._posted(condition.field, objects, _SQL(""))
