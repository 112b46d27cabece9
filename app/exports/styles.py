"""How QGIS draws the incidents of a GeoPackage: a dot for a known place, a circle of ground for a rough one."""

from app.exports.places import PINS

# Expressions of QGIS, by which each incident finds its rule.
ROUGH = '"location_generalised" OR "geo_precision" NOT IN ({pins})'.format(
    pins=", ".join(f"'{p}'" for p in sorted(PINS))
)
RULES = (
    ("known", "Place known", f"NOT ({ROUGH})"),
    ("rough", "Place known only roughly: somewhere in the circle", f'({ROUGH}) AND "uncertainty_m" > 0'),
    ("vague", "Place known only roughly, and not how far", f'({ROUGH}) AND coalesce("uncertainty_m", 0) = 0'),
)  # fmt: skip
ABOUT = "Dots are places that are known; circles are places known only roughly, as wide as they may be off."
DOT = {"name": "circle", "color": "181,75,42,255", "outline_color": "255,255,255,255", "size": "2.6", "size_unit": "MM"}
HOLLOW = {"name": "circle", "color": "181,75,42,40", "outline_color": "181,75,42,200", "outline_style": "dash"}
# On the ground, not on the screen: it is twice the uncertainty wide at every scale.
ON_THE_GROUND = HOLLOW | {"size": "50000", "size_unit": "RenderMetersInMapUnits"}
VAGUE = HOLLOW | {"size": "9", "size_unit": "MM"}
SYMBOLS = ((DOT, ""), (ON_THE_GROUND, '2 * "uncertainty_m"'), (VAGUE, ""))


def qml() -> str:
    """The style in the language of QGIS."""
    rules = "".join(
        f'<rule key="{{{key}}}" symbol="{number}" label="{_attribute(label)}" filter="{_attribute(which)}"/>'
        for number, (key, label, which) in enumerate(RULES)
    )
    symbols = "".join(_symbol(number, look, size) for number, (look, size) in enumerate(SYMBOLS))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22" styleCategories="Symbology"><renderer-v2 type="RuleRenderer" symbollevels="0">'
        f'<rules key="{{all}}">{rules}</rules><symbols>{symbols}</symbols></renderer-v2></qgis>'
    )


def _symbol(number: int, look: dict[str, str], size: str) -> str:
    options = "".join(f'<Option type="QString" name="{name}" value="{value}"/>' for name, value in look.items())
    return (
        f'<symbol type="marker" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleMarker" enabled="1" pass="0" locked="0"><Option type="Map">{options}</Option>'
        f"{_by_expression(size) if size else ''}</layer></symbol>"
    )


def _by_expression(size: str) -> str:
    return (
        '<data_defined_properties><Option type="Map"><Option type="QString" name="name" value=""/>'
        '<Option type="Map" name="properties"><Option type="Map" name="size"><Option type="bool" name="active" '
        f'value="true"/><Option type="QString" name="expression" value="{_attribute(size)}"/><Option type="int" '
        'name="type" value="3"/></Option></Option><Option type="QString" name="type" value="collection"/></Option>'
        "</data_defined_properties>"
    )


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
