"""Making the extract, from tiny recordings."""

import gzip
import json
from pathlib import Path

import pytest

from volspike.simulator import extract, recording
from volspike.simulator.extract import FIRST_HOUR_MS, HOUR_MS, HOURS, STEP_MS, ExtractError

CONTRACT = {
    "symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "baseAsset": "BTC",
    "quoteAsset": "USDT", "marginAsset": "USDT", "underlyingType": "COIN", "underlyingSubType": ["PoW"],
    "deliveryDate": 4133404800000, "onboardDate": 1567965300000, "pricePrecision": 2, "quantityPrecision": 3,
    "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.10"}, {"filterType": "LOT_SIZE", "stepSize": "0.001"}],
}  # fmt: skip
PREMIUM = {
    "symbol": "BTCUSDT", "markPrice": "62909.9", "indexPrice": "62928.6", "estimatedSettlePrice": "62909.1",
    "lastFundingRate": "0.00009398", "interestRate": "0.0001", "nextFundingTime": 1783180800000,
}  # fmt: skip
FUNDING = {
    "symbol": "BTCUSDT", "fundingIntervalHours": 8, "adjustedFundingRateCap": "0.02",
    "adjustedFundingRateFloor": "-0.02",
}  # fmt: skip


def pack(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


def candle(symbol: str, hour: int, quote: float) -> str:
    return f"{symbol},{FIRST_HOUR_MS + hour * HOUR_MS},10,12,9,11,5,{quote},7,{FIRST_HOUR_MS}"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    pack(tmp_path / "02_exchange_info/fapi_exchangeInfo_1.json.gz", json.dumps({"symbols": [CONTRACT]}))
    pack(tmp_path / "07_rest/premiumIndex_1.json.gz", json.dumps([PREMIUM]))
    pack(tmp_path / "06_funding/fundingInfo_1.json.gz", json.dumps([FUNDING]))
    header = "symbol,open_time,open,high,low,close,volume,quote_volume,trades,close_time"
    rows = [candle("BTCUSDT", hour, 100.5 + hour) for hour in range(-1, HOURS + 1)]
    pack(tmp_path / "04_klines/klines_1h_usdt_perp_1.csv.gz", "\n".join([header, *rows, candle("GONEUSDT", 3, 1)]))
    steps = [f"{FIRST_HOUR_MS + step * STEP_MS + 2000},{1000 + step}" for step in range(576) if step != 5]
    pack(tmp_path / "05_open_interest/oi_5m_BTCUSDT_1.csv.gz", "\n".join(["t,oi", *steps]))
    return tmp_path


def test_the_two_days_are_cut_out_and_reduced(recorded: Path) -> None:
    made = extract.extract(recorded)

    assert [contract.symbol for contract in made.contracts] == ["BTCUSDT"]
    assert (made.contracts[0].tick_size, made.contracts[0].minimum_notional) == ("0.10", "5")
    assert made.premiums[0].rate == "0.00009398"
    assert made.fundings[0].hours == 8
    assert made.candles["BTCUSDT"].quote == [100.5 + hour for hour in range(HOURS)]
    assert list(made.candles) == ["BTCUSDT"]


def test_a_step_that_was_not_recorded_repeats_the_one_before(recorded: Path) -> None:
    made = extract.extract(recorded)

    assert made.open_interest["BTCUSDT"][3:7] == [1003, 1004, 1004, 1006]


def test_only_symbols_that_spiked_or_are_majors_are_chosen() -> None:
    def hours(before: float, during: float) -> list[extract.Row]:
        return [{"quote_volume": {23: before, 24: during}.get(hour, 1.0)} for hour in range(HOURS)]

    series = {
        "SPIKEUSDT": hours(1e6, 3e6),
        "SMALLUSDT": hours(1e5, 2.9e6),
        "FLATUSDT": hours(2e6, 5.9e6),
        "DEADUSDT": hours(0.0, 9e6),
        "ETHUSDT": hours(1e6, 1e6),
    }

    assert extract.chosen(series) == ["ETHUSDT", "SPIKEUSDT"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "02_exchange_info/fapi_exchangeInfo_1.json.gz",
            json.dumps({"symbols": [CONTRACT, {"symbol": 5}]}),
            r"fapi_exchangeInfo_1\.json\.gz: row 2: .*symbol",
        ),
        ("07_rest/premiumIndex_1.json.gz", "[{]", r"premiumIndex_1\.json\.gz: "),
        (
            "06_funding/fundingInfo_1.json.gz",
            json.dumps([FUNDING, FUNDING, {**FUNDING, "fundingIntervalHours": "eight"}]),
            r"fundingInfo_1\.json\.gz: row 3: .*fundingIntervalHours",
        ),
        (
            "04_klines/klines_1h_usdt_perp_1.csv.gz",
            f"symbol,open_time,open\nBTCUSDT,{FIRST_HOUR_MS},abc\n",
            r"klines_1h_usdt_perp_1\.csv\.gz: row 2: open 'abc' is not a number",
        ),
        (
            "05_open_interest/oi_5m_BTCUSDT_1.csv.gz",
            f"t,oi\n{FIRST_HOUR_MS},1\n{FIRST_HOUR_MS + STEP_MS},\n",
            r"oi_5m_BTCUSDT_1\.csv\.gz: row 3: oi '' is not a number",
        ),
        (
            "05_open_interest/oi_5m_BTCUSDT_1.csv.gz",
            "t,oi\n",
            r"oi_5m_BTCUSDT_1\.csv\.gz: no row for the first five minutes",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_row(recorded: Path, file: str, content: str, message: str) -> None:
    pack(recorded / file, content)

    with pytest.raises(ExtractError, match=f"^{message}") as refused:
        extract.extract(recorded)

    assert "\n" not in str(refused.value)


def test_a_torn_file_is_named(recorded: Path) -> None:
    path = recorded / "04_klines/klines_1h_usdt_perp_1.csv.gz"
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(ExtractError, match=r"^klines_1h_usdt_perp_1\.csv\.gz: "):
        extract.extract(recorded)


def test_the_command_says_what_is_missing_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert extract.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: no file 02_exchange_info/fapi_exchangeInfo_*.json.gz\n"
    assert extract.main([]) == 2


def test_the_command_writes_the_extract(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recording, "BUNDLED", tmp_path / "made.json.gz")

    assert extract.main([str(recorded)]) == 0

    assert recording.load(tmp_path / "made.json.gz").candles.keys() == {"BTCUSDT"}
    assert "made.json.gz" in capsys.readouterr().out
