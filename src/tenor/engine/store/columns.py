"""Columns of a file into the contract's types, with a reason for every value that does not fit."""

from dataclasses import dataclass
from datetime import time

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.frames import AMOUNT, Type

_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATE_AT_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$"
_TO_THE_MINUTE = r"^(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2})(Z|z|[+-]\d{2}:?\d{2})$"
_CLOCK_TIME = r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
# PostgreSQL writes whole-hour offsets without minutes.
_HOUR_OFFSET = r"(:\d{2}(?:\.\d+)?)([+-]\d{2})$"
_PLAIN_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WHOLE_NUMBER = r"^[+-]?\d{1,18}$"
# 007 is a code, not seven: a column with one such value stays text.
_LEADING_ZERO = r"^[+-]?0\d"
_NOT_FINITE = r"(?i)^[+-]?(nan|inf|infinity)$"
_SHOWN = 40


@dataclass(frozen=True)
class Parsed:
    """A column in its type (null where empty or unusable) and what is wrong with which place.

    `bad` has `at` (position in the column, from 0) and `reason`.
    """

    values: pl.Series
    bad: pl.DataFrame


def parse(raw: pl.Series, wanted: Type, *, timezone: str | None, place: str) -> Parsed:
    """Return `raw` as `wanted`; `timezone` is the zone of timestamps that name none.

    Raises
    ------
    InputError
        A Parquet column is of a type that cannot hold such values at all; `place` names it.
    """
    if raw.dtype in (pl.Categorical, pl.Enum, pl.Null):
        raw = raw.cast(pl.String)
    if raw.dtype == pl.String:
        return _parse_text(_stripped(raw), wanted, timezone)
    return _parse_native(raw, wanted, timezone, place)


def infer(raw: pl.Series) -> Parsed:
    """Return a free column of texts in the type that all of its values have.

    That is whole numbers, numbers, flags (true, false) or dates; else they stay texts.
    """
    return _infer_text(_stripped(raw))


def keep(raw: pl.Series, *, timezone: str | None, place: str) -> Parsed | None:
    """Return a free column in the type that it has; None where it cannot be a feature.

    Exact decimals become numbers, categories become texts, NaN is read as missing.
    """
    if raw.dtype in (pl.Categorical, pl.Enum, pl.Null, pl.String):
        return Parsed(_stripped(raw.cast(pl.String)), _none_bad())
    if raw.dtype.is_float():
        finite = raw.fill_nan(None)
        infinite = finite.is_infinite().fill_null(False)
        return Parsed(_null_where(finite, infinite), _bad(infinite, pl.lit("is not finite")))
    if raw.dtype.is_decimal():
        return Parsed(raw.cast(pl.Float64), _none_bad())
    if raw.dtype == pl.Datetime:
        return _instants(raw, timezone, place)
    if raw.dtype.is_integer() or raw.dtype in (pl.Boolean, pl.Date):
        return Parsed(raw, _none_bad())
    return None


def _stripped(raw: pl.Series) -> pl.Series:
    text = raw.str.strip_chars()
    return _null_where(text, text == "")


def _null_where(values: pl.Series, mask: pl.Series) -> pl.Series:
    if not mask.any():
        return values
    kept = pl.when(~mask.fill_null(False)).then("v").alias(values.name)
    return values.to_frame("v").select(kept).to_series()


def _none_bad() -> pl.DataFrame:
    return pl.DataFrame(schema={"at": pl.UInt32, "reason": pl.String})


def _bad(mask: pl.Series, reason: pl.Expr, text: pl.Series | None = None) -> pl.DataFrame:
    """Return the places where `mask` holds; `reason` may use the column `text` (shortened)."""
    at = mask.fill_null(False).arg_true()
    if at.is_empty():
        return _none_bad()
    shown = pl.Series("text", [""]) if text is None else text.gather(at).str.slice(0, _SHOWN)
    frame = pl.DataFrame({"at": at}).with_columns(text=shown if text is not None else pl.lit(""))
    return frame.select(pl.col("at").cast(pl.UInt32), reason=reason)


def _parse_text(text: pl.Series, wanted: Type, timezone: str | None) -> Parsed:
    if wanted == Type.TEXT:
        return Parsed(text, _none_bad())
    if wanted == Type.INSTANT:
        return _text_instants(text, timezone)
    if wanted == Type.TEXTS:
        return Parsed(_split_list(text), _none_bad())
    values, reason = {
        Type.AMOUNT: _text_amounts,
        Type.NUMBER: _text_numbers,
        Type.FLAG: _text_flags,
        Type.DATE: _text_dates,
        Type.JSON: _text_json,
    }[wanted](text)
    return Parsed(values, _bad(text.is_not_null() & values.is_null(), reason, text))


def _text_amounts(text: pl.Series) -> tuple[pl.Series, pl.Expr]:
    reason = (
        pl.when(pl.col("text").str.contains(r"^[+-]?[\d.' ]*,\d+$"))
        .then(pl.format("\"{}\" has a comma; write '.' as the decimal point", "text"))
        .when(pl.col("text").str.contains(_PLAIN_NUMBER))
        .then(pl.format('"{}" is too large for an amount', "text"))
        .otherwise(pl.format('"{}" is not an amount such as 1234.50', "text"))
    )
    return text.cast(AMOUNT, strict=False), reason


def _text_numbers(text: pl.Series) -> tuple[pl.Series, pl.Expr]:
    values = text.cast(pl.Float64, strict=False)
    return _null_where(values, ~values.is_finite()), pl.format('"{}" is not a number', "text")


def _text_flags(text: pl.Series) -> tuple[pl.Series, pl.Expr]:
    values = text.str.to_lowercase().replace_strict(
        list(_FLAGS), list(_FLAGS.values()), default=None, return_dtype=pl.Boolean
    )
    return values, pl.format('"{}" is not true or false', "text")


def _text_dates(text: pl.Series) -> tuple[pl.Series, pl.Expr]:
    iso = text.str.replace(_DATE_AT_MIDNIGHT, "$1")
    iso = _null_where(iso, ~iso.str.contains(_ISO_DATE))
    reason = pl.format('"{}" is not a date such as 2026-03-01', "text")
    return iso.str.to_date("%Y-%m-%d", strict=False), reason


def _text_json(text: pl.Series) -> tuple[pl.Series, pl.Expr]:
    is_object = text.str.starts_with("{") & text.str.json_path_match("$").is_not_null()
    return _null_where(text, ~is_object), pl.format('"{}" is not a JSON object', "text")


def _split_list(text: pl.Series) -> pl.Series:
    split = text.str.split(";").list.eval(pl.element().str.strip_chars())
    return split.list.eval(pl.element().filter(pl.element() != ""))


def _text_instants(text: pl.Series, timezone: str | None) -> Parsed:
    values = _aware_times(text)
    left = text.is_not_null() & values.is_null()
    if not left.any():
        return Parsed(values, _none_bad())
    at = left.arg_true()
    rest = text.gather(at)
    clock = rest.str.contains(_CLOCK_TIME)
    fuller = rest.str.replace(_HOUR_OFFSET, "${1}${2}:00")
    second = _aware_times(fuller.str.replace(_TO_THE_MINUTE, "${1}:00${2}"))
    if timezone is not None:
        second = pl.select(pl.coalesce(second, _to_utc(_clock_times(rest), timezone))).to_series()
    values = values.scatter(at, second)
    no_zone = (
        "names no time zone; write an offset (or Z), or name the zone with --timezone"
        if timezone is None
        else f"does not exist in {timezone} (the clock skips it)"
    )
    shown = rest.str.slice(0, _SHOWN)
    reasons = pl.select(
        pl.when(clock)
        .then(pl.format('"{}" {}', shown, pl.lit(no_zone)))
        .otherwise(pl.format('"{}" is not a timestamp such as 2026-03-01T09:30:00Z', shown))
    ).to_series()
    bad = pl.DataFrame({"at": at.cast(pl.UInt32), "reason": reasons})
    return Parsed(values, bad.filter(values.gather(at).is_null()))


def _aware_times(text: pl.Series) -> pl.Series:
    times = text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    # A year written with two digits is no year of the first century.
    return _null_where(times, times.dt.year() < 1000)


def _clock_times(text: pl.Series) -> pl.Series:
    """Read timestamps without zone: to the second, the minute or the day."""
    normal = pl.select(
        pl.when(text.str.len_bytes() == 10)
        .then(text + "T00:00:00")
        .when(text.str.len_bytes() == 16)
        .then(text + ":00")
        .otherwise(text)
        .str.replace(r"[t ]", "T")
    ).to_series()
    return normal.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)


def _to_utc(local: pl.Series, timezone: str) -> pl.Series:
    """Place clock times in a zone: the first of two if the clock goes back, null if it skips."""
    aware = local.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    return aware.dt.convert_time_zone("UTC")


def _instants(raw: pl.Series, timezone: str | None, place: str) -> Parsed:
    moments = raw.dt.cast_time_unit("us")
    if raw.dtype.time_zone is not None:  # type: ignore[attr-defined]
        return Parsed(moments.dt.convert_time_zone("UTC"), _none_bad())
    if timezone is None:
        raise InputError(
            f"{place}: its timestamps name no time zone; name the zone with --timezone"
        )
    values = _to_utc(moments, timezone)
    reason = pl.lit(f"does not exist in {timezone} (the clock skips it)")
    return Parsed(values, _bad(moments.is_not_null() & values.is_null(), reason))


def _parse_native(raw: pl.Series, wanted: Type, timezone: str | None, place: str) -> Parsed:
    dtype = raw.dtype
    if wanted == Type.INSTANT and dtype in (pl.Datetime, pl.Date):
        return _instants(raw.cast(pl.Datetime("us")) if dtype == pl.Date else raw, timezone, place)
    if wanted == Type.DATE and dtype == pl.Datetime:
        days = raw.dt.date()
        midday = raw.dt.time() != time(0)
        return Parsed(_null_where(days, midday), _bad(midday, pl.lit("has a time of day")))
    if wanted in (Type.AMOUNT, Type.NUMBER) and dtype.is_numeric():
        values = raw.cast(wanted.dtype, strict=False)
        if wanted == Type.NUMBER:
            values = _null_where(values, ~values.is_finite())
        return Parsed(values, _bad(raw.is_not_null() & values.is_null(), pl.lit("is not finite")))
    fits = (
        (wanted == Type.TEXT and dtype.is_integer())
        or (wanted == Type.FLAG and dtype == pl.Boolean)
        or (wanted == Type.DATE and dtype == pl.Date)
        or (wanted == Type.TEXTS and dtype == pl.List and _holds_ids(dtype))
    )
    if not fits:
        raise InputError(f"{place}: holds {dtype}; a {wanted} is expected")
    return Parsed(raw.cast(wanted.dtype), _none_bad())


def _holds_ids(dtype: pl.DataType) -> bool:
    inner = dtype.inner  # type: ignore[attr-defined]
    return bool(inner in (pl.String, pl.Categorical, pl.Enum, pl.Null) or inner.is_integer())


def _infer_text(text: pl.Series) -> Parsed:
    filled = text.drop_nulls()
    if filled.is_empty():
        return Parsed(text, _none_bad())
    unfit = ~(filled.str.contains(_PLAIN_NUMBER) | filled.str.contains(_NOT_FINITE))
    if not unfit.any() and not filled.str.contains(_LEADING_ZERO).any():
        if filled.str.contains(_WHOLE_NUMBER).all():
            return Parsed(text.cast(pl.Int64), _none_bad())
        return _parse_text(text, Type.NUMBER, None)
    if filled.str.to_lowercase().is_in(["true", "false"]).all():
        return _parse_text(text, Type.FLAG, None)
    if filled.str.contains(_ISO_DATE).all():
        return _parse_text(text, Type.DATE, None)
    return Parsed(text, _none_bad())
