"""What faults do to the answers of premiumIndex."""

from volspike.simulator.exchange import Exchange

PATH = "/fapi/v1/premiumIndex"

Row = dict[str, object]


def premium_index(exchange: Exchange, document: object) -> object:
    """Return the rows of premiumIndex, alone or in a list, as the active faults falsify them."""
    if isinstance(document, list):
        return [premium_index(exchange, row) for row in document]
    return _row(exchange, document) if isinstance(document, dict) else document


def _row(exchange: Exchange, row: Row) -> Row:
    wrong, null = exchange.fault("wrong_funding"), exchange.fault("null_symbol")
    if wrong and row["symbol"] == wrong.text("symbol"):
        rate = float(str(row["lastFundingRate"]) or 0) + wrong.number("rate")
        mark = float(str(row["markPrice"])) * (1 + wrong.number("mark"))
        row = {**row, "lastFundingRate": f"{rate:.8f}", "markPrice": f"{mark:.8f}"}
    if null and row["symbol"] == null.text("symbol"):
        row = {**row, "lastFundingRate": ""}
    return row
