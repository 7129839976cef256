"""Ticket exports in the style of cities the program has no mapping for, made up row by row from a fixed seed."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from pyproj import Transformer

ROWS = 400
Row = dict[str, Any]


class City:
    """Tickets with a life: opened at daytime, due after some days, closed (most of them) in or out of time."""

    def __init__(self, seed: int, start: datetime, days: int, *, lon: float, lat: float, categories: list[str]) -> None:
        dice = random.Random(seed)
        self.tickets: list[Row] = []
        for number in range(ROWS):
            opened = start + timedelta(days=dice.randrange(days), hours=dice.triangular(6, 23, 13))
            opened = opened.replace(microsecond=0)
            category = dice.randrange(len(categories))
            due = opened + timedelta(days=3 + category)
            closed = opened + timedelta(hours=dice.expovariate(1 / 60)) if dice.random() < 0.85 else None
            self.tickets.append({
                "number": number, "opened": opened, "due": due,
                "closed": closed.replace(microsecond=0) if closed else None,
                "category": categories[category], "area": dice.randrange(12), "unit": dice.randrange(5),
                "channel": dice.randrange(4), "lon": lon + dice.gauss(0, 0.02), "lat": lat + dice.gauss(0, 0.02),
                "cancelled": dice.random() < 0.03, "answer": dice.random(),
            })  # fmt: skip
        self.tickets.sort(key=lambda ticket: ticket["opened"])

    def rows(self, make: Callable[[Row], Row]) -> list[Row]:
        """One row of the export a ticket."""
        return [make(ticket) for ticket in self.tickets]


def write_csv(path: Path, rows: list[Row], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Rows as delimited text; None is an empty cell."""
    with path.open("w", encoding=encoding, newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def said(moment: datetime | None, text: str) -> str:
    """A moment in a format, or nothing."""
    return "" if moment is None else moment.strftime(text)


def chicago(folder: Path) -> Path:
    """Many columns, American dates, state-plane feet beside degrees, the ticket number in capitals and letters."""
    city = City(1, datetime(2019, 3, 1), 120, lon=-87.68, lat=41.85, categories=[
        "Street Light Out Complaint", "Graffiti Removal Request", "Pothole in Street Complaint", "Tree Trim Request",
        "Garbage Cart Maintenance", "Rodent Baiting/Rat Complaint"])  # fmt: skip
    feet = Transformer.from_crs("EPSG:4326", "EPSG:3435", always_xy=True)

    def make(ticket: Row) -> Row:
        east, north = feet.transform(ticket["lon"], ticket["lat"])
        done = ticket["closed"] is not None
        return {
            "SR_NUMBER": f"SR19-{1000000 + 7 * ticket['number']:08d}", "SR_TYPE": ticket["category"],
            "SR_SHORT_CODE": ticket["category"][:3].upper(), "CREATED_DEPARTMENT": "311 City Services",
            "OWNER_DEPARTMENT": f"Department {ticket['unit']}",
            "STATUS": "Canceled" if ticket["cancelled"] else "Completed" if done else "Open",
            "ORIGIN": ["Phone Call", "Internet", "Mobile Device", "Alderman's Office"][ticket["channel"]],
            "CREATED_DATE": said(ticket["opened"], "%m/%d/%Y %I:%M:%S %p"),
            "LAST_MODIFIED_DATE": said(ticket["closed"] or ticket["opened"], "%m/%d/%Y %I:%M:%S %p"),
            "CLOSED_DATE": said(ticket["closed"], "%m/%d/%Y %I:%M:%S %p"),
            "STREET_ADDRESS": f"{100 + ticket['number']} W MADISON ST", "ZIP_CODE": "60612", "DUPLICATE": "false",
            "PARENT_SR_NUMBER": "" if ticket["number"] % 50 else "SR19-01000000",
            "COMMUNITY_AREA": 20 + ticket["area"], "WARD": 1 + ticket["area"] % 7,
            "CREATED_HOUR": ticket["opened"].hour, "CREATED_MONTH": ticket["opened"].month,
            "X_COORDINATE": round(east, 3), "Y_COORDINATE": round(north, 3),
            "LATITUDE": round(ticket["lat"], 9), "LONGITUDE": round(ticket["lon"], 9),
            "LOCATION": f"({ticket['lat']:.9f}, {ticket['lon']:.9f})",
        }  # fmt: skip

    return write_csv(folder / "chicago_311.csv", city.rows(make))


def san_francisco(folder: Path) -> Path:
    """No degrees of its own, only a POINT as text; the status has notes beside it."""
    city = City(2, datetime(2021, 5, 1), 90, lon=-122.43, lat=37.76, categories=[
        "Street and Sidewalk Cleaning", "Graffiti", "Encampments", "Abandoned Vehicle", "Sewer Issues"])  # fmt: skip
    hoods = ["Mission", "Castro", "Noe Valley", "Sunset", "Richmond", "Marina", "Bayview", "SoMa", "Tenderloin",
             "Excelsior", "Portola", "Haight"]  # fmt: skip

    def make(ticket: Row) -> Row:
        return {
            "CaseID": 13000000 + ticket["number"], "Opened": said(ticket["opened"], "%Y-%m-%dT%H:%M:%S.000"),
            "Closed": said(ticket["closed"], "%Y-%m-%dT%H:%M:%S.000"),
            "Updated": said(ticket["closed"] or ticket["opened"], "%Y-%m-%dT%H:%M:%S.000"),
            "Status": "Closed" if ticket["closed"] else "Open",
            "Status Notes": "Case Resolved - pickup completed" if ticket["closed"] else "open",
            "Responsible Agency": f"DPW Queue {ticket['unit']}", "Category": ticket["category"],
            "Address": f"{ticket['number']} MARKET ST, SAN FRANCISCO, CA, 94114", "Neighborhood": hoods[ticket["area"]],
            "Supervisor District": 1 + ticket["area"] % 11,
            "Point": f"POINT ({ticket['lon']:.6f} {ticket['lat']:.6f})",
            "Source": ["Phone", "Mobile/Open311", "Web", "Twitter"][ticket["channel"]],
            "Media URL": "" if ticket["number"] % 3 else f"https://example.org/{ticket['number']}.jpg",
        }  # fmt: skip

    return write_csv(folder / "sf311_cases.csv", city.rows(make))


def philadelphia(folder: Path) -> Path:
    """Open311 names with an expected time, offsets in the times, and no closing time but the last update."""
    city = City(3, datetime(2020, 1, 5), 150, lon=-75.16, lat=39.98, categories=[
        "Rubbish/Recyclable Material Collection", "Illegal Dumping", "Street Defect", "Abandoned Vehicle"])  # fmt: skip

    def make(ticket: Row) -> Row:
        return {
            "objectid": ticket["number"] + 1, "service_request_id": 12900000 + 3 * ticket["number"],
            "status": "Closed" if ticket["closed"] else "Open", "status_notes": "Question Answered",
            "service_name": ticket["category"], "service_code": f"SR-{ticket['category'][:2].upper()}01",
            "agency_responsible": f"Department {ticket['unit']}", "service_notice": f"{3 + ticket['unit']} Business Days",
            "requested_datetime": said(ticket["opened"], "%Y-%m-%d %H:%M:%S") + "-05",
            "updated_datetime": said(ticket["closed"] or ticket["opened"], "%Y-%m-%d %H:%M:%S") + "-05",
            "expected_datetime": said(ticket["due"], "%Y-%m-%d %H:%M:%S") + "-05",
            "address": f"{ticket['number']} N BROAD ST", "zipcode": "19121", "media_url": "",
            "lat": ticket["lat"], "lon": ticket["lon"],
        }  # fmt: skip

    return write_csv(folder / "public_cases_fc.csv", city.rows(make))


def washington(folder: Path) -> Path:
    """ArcGIS style: capitals run together, milliseconds since 1970, Maryland metres beside degrees."""
    city = City(4, datetime(2022, 2, 1), 100, lon=-77.03, lat=38.91, categories=[
        "Parking Enforcement", "Bulk Collection", "Streetlight Repair Investigation", "Tree Inspection", "Pothole"])  # fmt: skip
    metres = Transformer.from_crs("EPSG:4326", "EPSG:26985", always_xy=True)

    def milliseconds(moment: datetime | None) -> str:
        return "" if moment is None else str(int(moment.replace(tzinfo=UTC).timestamp() * 1000))

    def make(ticket: Row) -> Row:
        east, north = metres.transform(ticket["lon"], ticket["lat"])
        return {
            "OBJECTID": ticket["number"] + 1, "SERVICECODE": f"S{len(ticket['category']):04d}",
            "SERVICECODEDESCRIPTION": ticket["category"], "SERVICETYPECODEDESCRIPTION": f"Type {ticket['unit']}",
            "ORGANIZATIONACRONYM": ["DPW", "DDOT", "DMV", "DOB", "DOEE"][ticket["unit"]], "SERVICECALLCOUNT": 1,
            "ADDDATE": milliseconds(ticket["opened"] + timedelta(hours=5)),
            "RESOLUTIONDATE": milliseconds(ticket["closed"] and ticket["closed"] + timedelta(hours=5)),
            "SERVICEDUEDATE": milliseconds(ticket["due"] + timedelta(hours=5)),
            "SERVICEORDERSTATUS": "VOIDED" if ticket["cancelled"] else "CLOSED" if ticket["closed"] else "OPEN",
            "SERVICEREQUESTID": f"22-{ticket['number']:08d}", "PRIORITY": "STANDARD",
            "STREETADDRESS": f"{ticket['number']} K STREET NW", "XCOORD": east, "YCOORD": north,
            "LATITUDE": ticket["lat"], "LONGITUDE": ticket["lon"], "CITY": "WASHINGTON", "STATE": "DC", "ZIPCODE": 20001,
            "WARD": f"Ward {1 + ticket['area'] % 8}",
        }  # fmt: skip

    return write_csv(folder / "311_City_Service_Requests_in_2022.csv", city.rows(make))


def toronto(folder: Path) -> Path:
    """No id, no closing time, no point: a status, a ward and two streets."""
    city = City(5, datetime(2019, 1, 1), 200, lon=-79.38, lat=43.65, categories=[
        "Property Standards", "Residential: Bin: Repair or Replace Lid", "Litter / Sidewalk & Blvd / Pick Up Request",
        "Road - Pot hole", "General Pruning"])  # fmt: skip

    def make(ticket: Row) -> Row:
        return {
            "Creation Date": said(ticket["opened"], "%Y-%m-%d %H:%M:%S") + ".0000000",
            "Status": ["Completed", "In-progress", "Cancelled", "Initiated"][
                0 if ticket["closed"] else 2 if ticket["cancelled"] else 1 if ticket["unit"] else 3],
            "First 3 Chars of Postal Code": f"M{ticket['area'] % 10}A",
            "Intersection Street 1": f"Street {ticket['number'] % 37}", "Intersection Street 2": "",
            "Ward": f"Ward {ticket['area']:02d}", "Service Request Type": ticket["category"],
            "Division": f"Division {ticket['unit']}", "Section": f"Section {ticket['unit'] % 3}",
        }  # fmt: skip

    return write_csv(folder / "SR2019.csv", city.rows(make))


def german(folder: Path) -> Path:
    """Semicolons, decimal commas, day first with dots, Windows encoding."""
    city = City(6, datetime(2022, 9, 1), 60, lon=6.96, lat=50.94, categories=[
        "Wilder Müll", "Defekte Straßenbeleuchtung", "Schlagloch", "Schrottfahrrad", "Graffiti"])  # fmt: skip

    def make(ticket: Row) -> Row:
        return {
            "Vorgangsnummer": f"{ticket['number']:05d}-2022", "Eingangsdatum": said(ticket["opened"], "%d.%m.%Y %H:%M"),
            "Fälligkeitsdatum": said(ticket["due"], "%d.%m.%Y"), "Erledigt am": said(ticket["closed"], "%d.%m.%Y %H:%M"),
            "Status": "erledigt" if ticket["closed"] else "in Bearbeitung" if ticket["unit"] else "offen",
            "Kategorie": ticket["category"], "Zuständige Stelle": f"Amt {60 + ticket['unit']}",
            "Eingangskanal": ["Telefon", "App", "E-Mail", "Internet"][ticket["channel"]],
            "Stadtteil": ["Ehrenfeld", "Nippes", "Sülz", "Deutz", "Kalk", "Mülheim", "Lindenthal", "Porz", "Chorweiler",
                          "Rodenkirchen", "Zollstock", "Altstadt"][ticket["area"]],
            "Straße": f"Hauptstraße {ticket['number']}", "Telefonnummer": f"0221/{ticket['number']:07d}",
            "Längengrad": f"{ticket['lon']:.6f}".replace(".", ","), "Breitengrad": f"{ticket['lat']:.6f}".replace(".", ","),
        }  # fmt: skip

    return write_csv(folder / "sags-uns.csv", city.rows(make), encoding="cp1252", delimiter=";")


STREETS = ["兰山街道", "银雀山街道", "金雀山街道", "柳青街道"]
COMMUNITIES = ["沂州社区", "红埠寺社区", "前岗头社区", "后岗头社区", "曹家王平社区", "宋家王平社区", "朱保社区", "涑河社区",
               "陶然社区", "天成社区", "育才社区", "颐园社区"]  # fmt: skip


def lanshan(folder: Path) -> Path:
    """GB18030; date and 12-hour time in two columns, states in Chinese, codes of grids, a caller's name and phone."""
    city = City(7, datetime(2023, 6, 1), 45, lon=118.34, lat=35.06, categories=[
        "市容环卫", "市政设施", "噪声扰民", "违章停车", "物业管理", "供水供暖"])  # fmt: skip
    states = ["待派遣", "处置中", "待核查"]

    def clock(moment: datetime) -> str:
        return f"{'上午' if moment.hour < 12 else '下午'}{(moment.hour - 1) % 12 + 1:02d}:{moment:%M:%S}"

    def make(ticket: Row) -> Row:
        done = ticket["closed"]
        return {
            "序号": ticket["number"] + 1, "工单编号": f"LS202306{ticket['number']:06d}",
            "上报日期": said(ticket["opened"], "%Y/%m/%d"), "上报时间": clock(ticket["opened"]),
            "截止时间": said(ticket["due"], "%Y年%m月%d日 %H:%M"), "结案时间": said(done, "%Y年%m月%d日 %H:%M"),
            "案件状态": "作废" if ticket["cancelled"] else "已结案" if done else states[ticket["unit"] % 3],
            "是否超期": "" if not done else "是" if done > ticket["due"] else "否",
            "案件来源": ["12345热线", "网格员上报", "数字城管", "微信公众号"][ticket["channel"]],
            "案件大类": "城市管理", "案件小类": ticket["category"],
            "主办单位": ["综合执法局", "住建局", "水务局", "交警大队", "街道办事处"][ticket["unit"]],
            "所属街道": STREETS[ticket["area"] // 3], "所属社区": COMMUNITIES[ticket["area"]],
            "网格编码": f"371302{ticket['area'] // 3 + 1:03d}{ticket['area'] + 1:03d}{ticket['unit'] + 1:03d}",
            "问题描述": f"市民反映第{ticket['number']}号楼附近有{ticket['category']}问题，请尽快处理。",
            "联系人": "张" + "三四五六七"[ticket["unit"]], "联系电话": f"138{ticket['number']:08d}",
            "经度": f"{ticket['lon']:.6f}", "纬度": f"{ticket['lat']:.6f}",
        }  # fmt: skip

    return write_csv(folder / "兰山区案件_202306.csv", city.rows(make), encoding="gb18030")


def call_backs(folder: Path) -> Path:
    """A hotline's call-back export: three rates, two starting times, deadlines as dates only, no point."""
    city = City(8, datetime(2024, 1, 1), 31, lon=0, lat=0, categories=[
        "供热", "停车管理", "环境卫生", "施工噪音", "物业纠纷", "劳动保障", "交通出行"])  # fmt: skip

    def make(ticket: Row) -> Row:
        done, answer = ticket["closed"], ticket["answer"]
        called = done and done + timedelta(days=1)
        return {
            "业务流水号": f"24{ticket['number']:08d}", "来电时间": said(ticket["opened"], "%Y-%m-%d %H:%M:%S"),
            "受理时间": said(ticket["opened"] + timedelta(minutes=9), "%Y-%m-%d %H:%M:%S"),
            "派单时间": said(ticket["opened"] + timedelta(minutes=30), "%Y-%m-%d %H:%M:%S"),
            "办结时限": said(ticket["due"], "%Y-%m-%d"), "办结时间": said(done, "%Y-%m-%d %H:%M:%S"),
            "回访时间": said(called, "%Y-%m-%d %H:%M:%S") or "无",
            "是否联系": "" if not done else "是" if answer < 0.9 else "否",
            "是否解决": "" if not done else "已解决" if answer < 0.7 else "未解决",
            "满意度": "" if not done else "满意" if answer < 0.6 else "基本满意" if answer < 0.8 else "不满意",
            "诉求来源": ["12345", "微博", "网站", "APP"][ticket["channel"]], "一级分类": "城市服务", "二级分类": ticket["category"],
            "承办单位": STREETS[ticket["area"] // 3] + "办事处", "所属街道": STREETS[ticket["area"] // 3],
            "所属社区": COMMUNITIES[ticket["area"]], "来电人": "王先生", "来电号码": f"139{ticket['number']:08d}",
            "诉求内容": f"来电反映{ticket['category']}问题，希望相关部门尽快核实处理，编号{ticket['number']}。",
        }  # fmt: skip

    return write_csv(folder / "接诉即办回访明细.csv", city.rows(make), encoding="utf-8-sig")


def kansas_city(folder: Path) -> Path:
    """Date and time in two columns, an overdue flag that says Y for late, closing as a date only."""
    city = City(9, datetime(2018, 4, 1), 200, lon=-94.58, lat=39.09, categories=[
        "Trash-Missed Pickup", "Street Light-Out", "Animal at Large", "Water-Leak", "Tree-Trim"])  # fmt: skip

    def make(ticket: Row) -> Row:
        done = ticket["closed"]
        return {
            "CASE ID": 2018000000 + ticket["number"], "SOURCE": ["PHONE", "WEB", "EMAIL", "TWITR"][ticket["channel"]],
            "DEPARTMENT": f"DEPT {ticket['unit']}", "REQUEST TYPE": ticket["category"],
            "CREATION DATE": said(ticket["opened"], "%m/%d/%Y"), "CREATION TIME": said(ticket["opened"], "%I:%M %p"),
            "CREATION MONTH": ticket["opened"].month, "CREATION YEAR": ticket["opened"].year,
            "STATUS": "RESOL" if done else "OPEN",
            "EXCEEDED EST TIMEFRAME": "" if not done else "Y" if done > ticket["due"] else "N",
            "CLOSED DATE": said(done, "%m/%d/%Y"), "DAYS TO CLOSE": "" if not done else (done - ticket["opened"]).days,
            "STREET ADDRESS": f"{ticket['number']} MAIN ST", "NEIGHBORHOOD": f"Area {ticket['area']}",
            "ADDRESS WITH GEOCODE": f"{ticket['number']} MAIN ST ({ticket['lat']}, {ticket['lon']})",
            "LATITUDE": ticket["lat"], "LONGITUDE": ticket["lon"],
        }  # fmt: skip

    return write_csv(folder / "kcmo_311.csv", city.rows(make))


def workbook(folder: Path) -> Path:
    """A spreadsheet with a title above its header, real dates in its cells, and a service level of days a category."""
    city = City(10, datetime(2023, 3, 1), 60, lon=0, lat=0, categories=["路灯不亮", "井盖破损", "暴露垃圾", "占道经营"])
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某某区数字城管案件统计表（2023年3月至4月）"])
    sheet.append(["任务号", "上报时间", "结案时间", "问题类型", "办理时限（工作日）", "处置单位", "社区", "户主电话"])
    for ticket in city.tickets:
        sheet.append([
            f"R{ticket['number']:06d}", ticket["opened"], ticket["closed"], ticket["category"],
            {"路灯不亮": 2, "井盖破损": 1, "暴露垃圾": 3, "占道经营": 5}[ticket["category"]],
            ["城管局", "住建局", "市政公司", "园林局", "环卫中心"][ticket["unit"]], COMMUNITIES[ticket["area"]], "13800000000",
        ])  # fmt: skip
    path = folder / "数字城管.xlsx"
    book.save(path)
    return path


def open311(folder: Path) -> Path:
    """GeoReport v2 records, one JSON object a line."""
    city = City(
        11, datetime(2021, 8, 1), 50, lon=24.94, lat=60.17, categories=["Potholes", "Litter", "Graffiti", "Snow"]
    )
    path = folder / "requests.ndjson"
    with path.open("w", encoding="utf-8") as opened:
        for ticket in city.tickets:
            stamp = "%Y-%m-%dT%H:%M:%S+03:00"
            record = {
                "service_request_id": f"req{ticket['number']:06d}", "status": "closed" if ticket["closed"] else "open",
                "service_name": ticket["category"], "service_code": 100 + len(ticket["category"]),
                "description": f"Report number {ticket['number']}: the same as every year, please do something about it.",
                "agency_responsible": f"Unit {ticket['unit']}", "requested_datetime": said(ticket["opened"], stamp),
                "updated_datetime": said(ticket["closed"] or ticket["opened"], stamp),
                "expected_datetime": said(ticket["due"], stamp), "lat": ticket["lat"], "long": ticket["lon"],
            }  # fmt: skip
            opened.write(json.dumps(record) + "\n")
    return path


def spanish(folder: Path) -> Path:
    """Day first where no day is above 12: only the order of events and the span can tell."""
    city = City(
        12,
        datetime(2020, 3, 1),
        12,
        lon=-58.44,
        lat=-34.6,
        categories=["Alumbrado", "Residuos", "Arbolado", "Tránsito"],
    )

    def make(ticket: Row) -> Row:
        opened = ticket["opened"]
        closed = opened + timedelta(hours=5) if opened.day < 12 and ticket["closed"] else None
        return {
            "nro_contacto": f"{ticket['number']:06d}/20", "categoria": ticket["category"],
            "fecha_ingreso": said(opened, "%d/%m/%Y"), "hora_ingreso": said(opened, "%H:%M:%S"),
            "domicilio_comuna": f"COMUNA {1 + ticket['area'] // 3}", "domicilio_barrio": f"BARRIO {ticket['area']}",
            "domicilio_calle": "CORRIENTES", "lat": str(ticket["lat"]).replace(".", ","), "long": str(ticket["lon"]).replace(".", ","),
            "canal": ["App BA 147", "Call Center", "GO Web", "Twitter"][ticket["channel"]],
            "estado_del_contacto": "Cerrado" if closed else "Abierto",
            "fecha_cierre_contacto": said(closed, "%d/%m/%Y"),
        }  # fmt: skip

    return write_csv(folder / "suaci-2020.csv", city.rows(make), delimiter=";")
