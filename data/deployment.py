"""Whom a store belongs to: its name, code, zone, projection and calendar, given once when it is made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyproj

from data.database import Connection
from data.errors import InputError
from data.levels import BEGINNING, END

CHINESE_ZONES = {"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"}
HALF_THE_WORLD = 180.0  # degrees


@dataclass(frozen=True)
class Deployment:
    """Whom the store belongs to. crs: the metric projection lengths and areas are computed in."""

    name: str
    code: str
    zone: str
    crs: str
    calendar: str
    simulated: bool


def usual_calendar(zone: str) -> str:
    """The working calendar a deployment of this zone has when none is named."""
    return "CN" if zone in CHINESE_ZONES else "weekdays"


def check_deployment(deployment: Deployment) -> None:
    """Its zone must exist and its projection must measure in metres."""
    zone, crs = deployment.zone, deployment.crs
    if not deployment.code.strip() or not deployment.name.strip():
        raise InputError("a deployment needs a name and a division code.", where="name, code")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"no such time zone: {zone}.", where="zone", todo="For example Asia/Shanghai.") from error
    try:
        projection = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise InputError(f"no such coordinate system: {crs}.", where="crs", todo="For example EPSG:4547.") from error
    if not projection.is_projected or projection.axis_info[0].unit_name != "metre":
        raise InputError(
            f"{crs} does not measure in metres.",
            where="crs",
            todo="Choose the projected system of the region, for example EPSG:4547.",
        )
    if _of_the_world(projection):
        raise InputError(
            f"{crs} is made for the whole world: its metres are not metres on the ground.",
            where="crs",
            todo="Choose the projected system of the region, for example EPSG:4547.",
        )


def _of_the_world(projection: pyproj.CRS) -> bool:
    """Made for the whole world, as web maps' EPSG:3857: at 48 degrees its metre is two thirds of one on the ground."""
    area = projection.area_of_use
    return area is not None and area.east - area.west > HALF_THE_WORLD


def zone_of(connection: Connection) -> ZoneInfo:
    """The zone days are meant in, for whoever holds a connection and no store."""
    row = connection.execute("SELECT zone FROM deployment").fetchone()
    return ZoneInfo(row[0] if row else "UTC")


def found(connection: Connection, deployment: Deployment) -> None:
    """The first rows: the deployment, its district as the root of the tree, and an atlas that holds only that."""
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO deployment VALUES (?, ?, ?, ?, ?, ?, ?, now())",
        [
            deployment.name,
            deployment.code,
            deployment.zone,
            deployment.crs,
            deployment.calendar,
            deployment.simulated,
            secrets.token_bytes(16),
        ],
    )
    connection.execute("INSERT INTO place SELECT nextval('place_ids'), 'district', ?, false", [deployment.code])
    connection.execute(
        "INSERT INTO place_version (place_id, effective_from, effective_to, name) SELECT place_id, ?, ?, ? FROM place",
        [BEGINNING, END, deployment.name],
    )
    connection.execute(
        "INSERT INTO atlas SELECT nextval('atlas_ids'), NULL, ?, ?, '', true",
        [BEGINNING, END],
    )
    connection.execute("COMMIT")
