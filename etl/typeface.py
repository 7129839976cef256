"""How the Chinese typeface of printed sheets was made: `make typeface` writes it anew from an installed Noto Sans CJK.

Servers often have no Chinese font, and a PDF carries its own. What is kept: all of GB 2312 (6,763 characters and its symbols), what
names of places use beside it, and the Latin of Western Europe, as TrueType outlines, because not every writer of PDF takes cubic ones.
Noto Sans CJK is under the SIL Open Font License 1.1, which stands beside the result.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FOLDER = Path(__file__).parents[1] / "assets" / "vendor" / "noto"
FILE = FOLDER / "NotoSansSC-GB2312.ttf"
FACE = "Noto Sans CJK SC"
# Of places' and companies' names, and not in GB 2312.
NAMES = (
    "璟玥玺瞭啰乂璞瑭琤珺珏琨瑀璐瑄璇璘璠瑢珲琲珣琎珩琬瑱玙玚珽瑗瑨瓒璋瑅瑔琯珑钰铭锜锳镕镠锃鋆铱铻铥铷铽镝钆钇钌钋钍钐钒钕钚钪钫"
    "喆垚昇昶晟晞暐曌昉昳晗晧晙暄曦炅炘焜煜焱熠燊烔煊煌炜垌堃垟垱埗埇埌堌堽塆墈圳圩坨坭坵埕埔塱塅墘垭埂墕垴垵埯垞堼墩"
    "峤峣崾崮嵛嵊岙岽峂峄崟嵎嵖嵚崀岜岍峃峪峧嵝嶂嶝淏湉滘漷濛瀍瀛灏沄洺洣淯涢涠涪浠浉浭浐浥溆溇溱溵滏滆滪潆潞潴潍澧澴澥濉瀼灞"
    "洑洄洨洸洹浛涞淠淝漈漯滹漳潢潟潼澛泃泜泖泷沩沭沘沣汭氿祎祺禛禔禩祐祗祚祜晏旻旼昕昀昂劼勍勔劢劭邨邾郐郗郚鄌鄚鄠鄢酃酂"
    "梽楠榃槜椤椑栟栱栻桄桉桠桫梣梾棫楝楗榕榛樾橦檀榉杧枞枧柘柞柯栾茆茌茳莜莳莘菀萩葭蒗蒿蓼蔺蕲藁藠薳蘅芷芮苘茀茜荃荪莙菉菡菖萑"
    "骉飏飔骎骐骕骓骙骥骦鹍鹏鹮鸰鸾鹇鹂鲍翀翎翊翮翾羿翙崴嵬嵩岑岚岷邕邛邗邘邙邡邳邺郏郓郫郯郾鄞鄯鄱镡镛镫镐镎鎏闾阆阌阊闿阇"
    "祊禚稔穰穆筜筼箬篁簕簃粧糌絜綦縠纮绂绤绦缦缙缃翯耒耦聩脘脒腧艅艎艏衎袆裢褚襄觯訾詹诇诠谌谡谞豳贲赟赪跂踅逄逖逵遴邈郴醴"
    "堉埭堙堍塍塬墉墀圪圯坩坻坼垡垧垓埏埙"
)
BEYOND = "−′″旸↑↓→←↗↘≤≥±×÷·–—…‘’“”•€■□▲△▼▽◆◇○●★☆〇"
UNITS, ERROR = 1000, 1.0  # of the em; how far a quadratic outline may lie beside the cubic one


def characters() -> Iterator[int]:
    """Every character that is kept."""
    yield from range(0x20, 0x7F)
    yield from range(0xA0, 0x180)
    yield from map(ord, NAMES + BEYOND)
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            yield from map(ord, bytes((high, low)).decode("gb2312", "ignore"))


def made(source: Path) -> Any:
    """The typeface, cut out and turned into TrueType outlines."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTCollection

    fonts = TTCollection(str(source)).fonts
    font = next(one for one in fonts if one["name"].getDebugName(4) == FACE)
    options = Options(
        layout_features=[], hinting=False, desubroutinize=True, drop_tables=["BASE", "VORG", "vhea", "vmtx"]
    )
    cut = Subsetter(options)
    cut.populate(unicodes=set(characters()))
    cut.subset(font)
    _to_quadratic(font)
    return font


def _to_quadratic(font: Any) -> None:
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    shapes, order = font.getGlyphSet(), font.getGlyphOrder()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    glyf, font["loca"], maxp = newTable("glyf"), newTable("loca"), font["maxp"]
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    font["glyf"] = glyf
    maxp.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth", "maxPoints", "maxContours",
        "maxCompositePoints", "maxCompositeContours",
    ):  # fmt: skip
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    del font["CFF "]
    font.sfntVersion = "\000\001\000\000"


def main() -> None:
    """Write the file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    font = made(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
    font.save(FILE)
    print(f"{FILE.name}: {font['maxp'].numGlyphs:,} glyphs, {FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
