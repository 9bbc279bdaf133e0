// What the pages do in the browser by themselves. What a browser remembers is kept here, in its localStorage.
const volspike = (() => {
  // ── theme ──
  const THEMES = ["auto", "dark", "light"];
  const theme = () => THEMES.find((name) => name === localStorage.getItem("volspike-theme")) ?? "auto";
  const applyTheme = () => Quasar.Dark.set({ auto: "auto", dark: true, light: false }[theme()]);
  const nextTheme = () => {
    localStorage.setItem("volspike-theme", THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
    applyTheme();
    Quasar.Notify.create({ message: `Theme: ${theme()}`, timeout: 1000, position: "top" });
  };
  document.addEventListener("DOMContentLoaded", applyTheme); // after the modules, so the page is mounted

  // ── favourites ──
  const FAVOURITES = "volspike-favourites";
  const favourites = new Set();
  const recall = () => {
    favourites.clear();
    try {
      JSON.parse(localStorage.getItem(FAVOURITES) ?? "[]").forEach((symbol) => favourites.add(symbol));
    } catch {
      localStorage.removeItem(FAVOURITES);
    }
  };
  recall();
  const toggleFavourite = (symbol) => {
    recall(); // another tab may have changed them
    favourites.has(symbol) ? favourites.delete(symbol) : favourites.add(symbol);
    localStorage.setItem(FAVOURITES, JSON.stringify([...favourites]));
  };

  // ── numbers as people read them ──
  const NONE = "–";
  const known = (write) => ({ value }) => (value === null || value === undefined ? NONE : write(value));
  const UNITS = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
  const amount = (value, digits = 2) => {
    const [size, unit] = UNITS.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
    return (value / size).toFixed(digits) + unit;
  };
  const price = (value) => {
    const digits = value >= 1000 ? 2 : value > 0 ? Math.min(10, Math.max(2, 4 - Math.floor(Math.log10(value)))) : 2;
    return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
  const percent = (digits, sign = false) => (value) =>
    (sign && value > 0 ? "+" : "") + (value * 100).toFixed(digits) + "%";
  const minutes = (value) => (value < 60 ? `${value} min` : `${Math.floor(value / 60)} h ${String(value % 60).padStart(2, "0")}`);

  const star = ({ data, api }) => {
    const button = document.createElement("button");
    const draw = () => {
      const isOne = favourites.has(data.s);
      button.textContent = isOne ? "★" : "☆";
      button.className = isOne ? "vs-star vs-starred" : "vs-star";
      button.setAttribute("aria-label", `Favourite ${data.s}`);
      button.setAttribute("aria-pressed", isOne);
    };
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      toggleFavourite(data.s);
      draw();
      api?.onFilterChanged();
    });
    draw();
    return button;
  };
  const symbolLink = ({ data }) => {
    const link = document.createElement("a");
    link.href = `/symbol/${encodeURIComponent(data.s)}`;
    link.textContent = data.s;
    link.className = "vs-symbol";
    return link;
  };
  const signed = { "vs-good": ({ value }) => value > 0, "vs-bad": ({ value }) => value < 0 };
  const cells = {
    price: known(price),
    amount: known((value) => amount(value)),
    rate: known(percent(4)),
    year: known(percent(1)),
    change: known(percent(2, true)),
    times: known((value) => `${value.toFixed(2)}×`),
    minutes: known(minutes),
    signed,
    lateBy: (age, isSigned) => ({
      "vs-late": ({ data }) => Boolean(data[age]),
      ...(isSigned && signed),
    }),
    ageIn: (age) => ({ data }) => (data[age] ? `${data[age]} old` : null),
    isFavourite: ({ data }) => favourites.has(data.s),
    star,
    symbol: symbolLink,
  };

  // ── the Symbol page ──
  const charts = {
    amountTo: (digits) => (value) => amount(value, digits),
    rate: (value) => `${Number((value * 100).toPrecision(5))}%`,
  };
  const starSymbol = () => {
    const place = document.querySelector(".vs-star-place:empty");
    if (place) place.append(star({ data: { s: place.dataset.symbol } }));
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(starSymbol));

  // ── the table of the Market page ──
  let grid = null;
  let onlyStarred = false;
  const NARROW = window.matchMedia("(max-width: 760px)");
  const WIDE_ONLY = ["d", "a", "n", "o", "o5", "o15", "o60", "v"]; // the others fit a phone whole
  const fit = () => {
    const isNarrow = NARROW.matches;
    const widths = [
      { colId: "star", width: isNarrow ? 28 : 46 },
      { colId: "s", width: isNarrow ? 108 : 150 },
      { colId: "m", flex: isNarrow ? 1000 : 120 }, // a small price is long: it gets what the others can spare
    ];
    grid.applyColumnState({ state: [...widths, ...WIDE_ONLY.map((colId) => ({ colId, hide: isNarrow }))] });
  };
  const market = {
    ready: ({ api }) => {
      grid = api;
      fit();
      NARROW.addEventListener("change", fit);
    },
    count: ({ api }) => {
      let all = 0;
      api.forEachNode(() => (all += 1));
      const shown = api.getDisplayedRowCount();
      const nothing = onlyStarred && !favourites.size ? "No favourites yet: a star makes one" : "No symbol fits";
      document.querySelector(".vs-shown").textContent = shown === all ? "" : `${shown} of `;
      document.querySelector(".vs-nothing").textContent = shown || !all ? "" : nothing;
    },
    update: (_id, changed, gone) => {
      const update = [], add = [];
      for (const values of changed) {
        const row = grid?.getRowNode(values.s);
        row ? update.push(Object.assign(row.data, values)) : add.push(values);
      }
      grid?.applyTransactionAsync({ update, add, remove: gone.map((symbol) => ({ s: symbol })) });
    },
    search: (text) => grid.setGridOption("quickFilterText", text ?? ""),
    onlyFavourites: () => {
      onlyStarred = !onlyStarred;
      document.querySelector(".vs-favourites").classList.toggle("vs-on", onlyStarred);
      grid.onFilterChanged();
    },
    isFiltered: () => onlyStarred,
    passes: (row) => favourites.has(row.data.s),
    open: ({ data, event }) => {
      if (!event.defaultPrevented && !event.target.closest("a, button")) {
        location.href = `/symbol/${encodeURIComponent(data.s)}`;
      }
    },
  };

  return { nextTheme, cells, charts, market };
})();
