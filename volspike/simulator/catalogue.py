"""The documents that list things: exchangeInfo and fundingInfo."""

from volspike.simulator.instruments import HOUR
from volspike.simulator.recording import Contract, Funding

LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
]
ORDER_TYPES = [
    "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET",
]  # fmt: skip


def exchange_info(contracts: list[Contract], second: int) -> dict[str, object]:
    """Return exchangeInfo; its `serverTime` is the venue's cached one and only moves on with the hour."""
    return {
        "timezone": "UTC",
        "serverTime": second // HOUR * HOUR * 1000,
        "futuresType": "U_MARGINED",
        "rateLimits": LIMITS,
        "exchangeFilters": [],
        "assets": [
            {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
            for asset in sorted({contract.margin for contract in contracts})
        ],
        "symbols": [_symbol(contract) for contract in contracts],
    }


def _symbol(contract: Contract) -> dict[str, object]:
    return {
        "symbol": contract.symbol,
        "pair": contract.pair,
        "contractType": contract.contract_type,
        "deliveryDate": contract.delivery_ms,
        "onboardDate": contract.onboard_ms,
        "status": contract.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.margin,
        "pricePrecision": contract.price_precision,
        "quantityPrecision": contract.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": contract.underlying_type,
        "underlyingSubType": contract.underlying_subtypes,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(contract),
        "orderTypes": ORDER_TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY", "DCA", "PSB"],
    }


def _filters(contract: Contract) -> list[dict[str, object]]:
    tick, step = contract.tick_size, contract.step_size
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "10000000", "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "10000000", "stepSize": step},
        {"filterType": "MARKET_LOT_SIZE", "minQty": step, "maxQty": "1000000", "stepSize": step},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": contract.minimum_notional},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]


def funding_info(fundings: list[Funding]) -> list[dict[str, object]]:
    """Return fundingInfo."""
    return [
        {
            "symbol": row.symbol,
            "adjustedFundingRateCap": row.cap,
            "adjustedFundingRateFloor": row.floor,
            "fundingIntervalHours": row.hours,
            "disclaimer": False,
            "updateTime": 1_783_180_500_000,
        }
        for row in fundings
    ]
