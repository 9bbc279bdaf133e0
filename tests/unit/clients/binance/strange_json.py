"""JSON as nobody should send it, with the keys and values that the parsers look for."""

from hypothesis import strategies as st

KEYS = ("e", "E", "s", "p", "ap", "P", "i", "r", "T", "st", "c", "q", "R", "event", "data", "stream")

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["markPriceUpdate", "24hrTicker", "serverShutdown", "1.5", "nan", "inf", "1e400", ""])
)
anything = st.recursive(
    scalars,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(KEYS), children, max_size=12),
    max_leaves=12,
)
