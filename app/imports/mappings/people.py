"""The people and the sources of a table, as a suggestion writes them."""

from app.imports.converters import clean
from app.imports.mappings.phrasing import Fields, field, hole, kind_told, quoted, remark
from app.imports.mappings.suggesting import Column
from app.matching.folding import name_key

SEXES = {
    "male": ("m", "male", "man", "boy", "masculino", "hombre", "h", "homme", "masculin", "ذكر", "مرد", "м", "муж",
             "мужской"),
    "female": ("f", "female", "woman", "girl", "femenino", "mujer", "femme", "féminin", "أنثى", "عورت", "خاتون", "ж",
               "жен", "женский"),
}  # fmt: skip


def people(by_field: Fields) -> list[str]:
    """The victim as an act against a person, and whoever is said to be responsible."""
    lines: list[str] = []
    if (column := by_field.get("victim")) and hole(column):
        name = f"names = [{{ full = {quoted(hole(column))} }}]"
        lines += [
            "",
            *remark(column),
            "[[report.acts]]",
            f"when = {quoted(column.name)}",
            f"kind = {kind_told(by_field.get('kind'))}",
            *field(by_field.get("age"), "age_at_event", "whole"),
            f"person = {{ {', '.join([name, *_sex(by_field.get('sex'))])} }}",
        ]
    if (column := by_field.get("responsible")) and hole(column):
        lines += [
            "",
            *remark(column),
            "[[report.involvements]]",
            f"described_as = {{ column = {quoted(column.name)}, longest = 500 }}",
        ]
    return lines


def _sex(column: Column | None) -> list[str]:
    """The words for it that we know, as a code of the person."""
    words = dict.fromkeys(text for cell in column.samples if (text := clean(cell))) if column else {}
    codes = {word: code for word in words for code, said in SEXES.items() if name_key(word) in map(name_key, said)}
    if column is None or not codes:
        return []
    table = ", ".join(f"{quoted(word)} = {quoted(code)}" for word, code in codes.items())
    return [f'sex = {{ column = {quoted(column.name)}, as = "code", codes = {{ {table} }}, otherwise = "" }}']


def accounts(columns: list[Column], by_field: Fields) -> list[str]:
    """Every link and every source in the row as an account of its own."""
    links = [column for column in columns if column.field == "link"]
    lines: list[str] = []
    if links:
        named = ", ".join(quoted(column.name) for column in links)
        source = '{ kind = "other", url = "{url}", title = "{text}" }'
        lines += [
            "",
            *remark(links[0]),
            "[[accounts]]",
            f'each = {{ columns = [{named}], as = "links" }}',
            f"source = {source}",
        ]
    if (column := by_field.get("source")) is not None:
        each = f'each = {{ column = {quoted(column.name)}, as = "split", by = ";" }}'
        lines += ["", *remark(column), "[[accounts]]", each, 'source = { kind = "other", title = "{value}" }']
    return lines
