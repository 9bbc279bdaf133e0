// What the pages do in the browser by themselves. What a browser remembers is kept here, in its localStorage.
const volspike = (() => {
  // ── theme ──
  const SYSTEM = window.matchMedia("(prefers-color-scheme: dark)");
  // From that of the system the first click goes to the other one, so that it is seen.
  const themes = () => (SYSTEM.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"]);
  const theme = () => themes().find((name) => name === localStorage.getItem("volspike-theme")) ?? "auto";
  const showTheme = () => (document.documentElement.dataset.theme = theme());
  showTheme();
  const applyTheme = () => Quasar.Dark.set({ auto: "auto", dark: true, light: false }[theme()]);
  const nextTheme = () => {
    const names = themes();
    localStorage.setItem("volspike-theme", names[(names.indexOf(theme()) + 1) % names.length]);
    showTheme();
    applyTheme();
    const said = theme() === "auto" ? "as the system" : theme();
    Quasar.Notify.create({ message: `Theme: ${said}`, timeout: 1000, position: "top" });
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

  // ── what is looked for stands in the address: a reload, the way back and a link find it again ──
  const asked = () => new URLSearchParams(location.search);
  const remember = (values) => {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(values)) {
      value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
    }
    history.replaceState(history.state, "", address);
  };

  // ── numbers as people read them ──
  const NONE = "–";
  const known = (write) => ({ value }) => (value === null || value === undefined ? NONE : write(value));
  const UNITS = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
  const amount = (value, digits = 2) => {
    const [size, unit] = UNITS.find(([size]) => Math.abs(value) >= size * (1 - 5e-6)) ?? [1, ""]; // not 1000.00K
    return (value / size).toFixed(digits) + unit;
  };
  const price = (value) => {
    const power = value > 0 && value < 1000 ? Math.floor(Math.log10(value)) : 3;
    const digits = Math.max(2, Math.min(4 - power, Math.max(8, 2 - power))); // as views/words.py
    return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
  const percent = (digits, sign = false) => (value) => {
    const share = Number((value * 100).toFixed(digits)) || 0; // what is told as nothing has no sign: no -0.00%
    return (sign && share > 0 ? "+" : "") + share.toFixed(digits) + "%";
  };
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
  // A key on a cell does what a click there does: its link or button, else what the row does.
  const press = (row) => ({ data, event }) => {
    if ((event.key !== "Enter" && event.key !== " ") || event.target.closest("a, button")) return;
    event.preventDefault();
    const part = event.target.querySelector("a, button");
    part ? part.click() : row?.({ data, event });
  };
  const open = ({ data, event }) => {
    if (data.s && !event.target.closest("a, button") && !window.getSelection().toString()) {
      location.href = `/symbol/${encodeURIComponent(data.s)}`;
    }
  };
  // The unknown comes last, whichever way the known are put in order.
  const unknownLast = (one, other, _oneRow, _otherRow, isDescending) => {
    const [isOne, isOther] = [one ?? null, other ?? null].map((value) => value !== null);
    if (isOne && isOther) return one - other;
    return (Number(isOther) - Number(isOne)) * (isDescending ? -1 : 1);
  };
  // What one types to filter by: 100M, 2.5K; of a share its percent.
  const typed = (text) => {
    const [, number, unit] = /^\s*(-?[\d.]+)\s*([KMBT]?)\s*$/i.exec(text ?? "") ?? [];
    if (number === undefined || Number.isNaN(Number(number))) return null;
    return Number(number) * (UNITS.find(([, name]) => name === unit.toUpperCase())?.[0] ?? 1);
  };
  const TOLD_AS_ONE = 0.00005; // a change of 0.01%: a lesser one is told as none, and is neither good nor bad
  const signed = { "vs-good": ({ value }) => value >= TOLD_AS_ONE, "vs-bad": ({ value }) => value <= -TOLD_AS_ONE };
  const cells = {
    price: known(price),
    amount: known((value) => amount(value)),
    rate: known(percent(4)),
    year: known(percent(1)),
    change: known(percent(2, true)),
    times: known((value) => `${value.toFixed(2)}×`),
    minutes: known(minutes),
    signed,
    unknownLast,
    typed,
    percentOf: (field) => ({ data }) => (data[field] ?? null) === null ? null : data[field] * 100,
    lateBy: (age, isSigned) => ({
      "vs-late": ({ data }) => Boolean(data[age]),
      ...(isSigned && signed),
    }),
    ageIn: (age) => ({ data }) => (data[age] ? `${data[age]} old` : null),
    isFavourite: ({ data }) => favourites.has(data.s),
    star,
    symbol: symbolLink,
    open,
    press: press(),
    pressOrOpen: press(open),
  };

  // ── the Symbol page ──
  const charts = {
    amountTo: (digits) => (value) => amount(value, digits),
    quiet: () => getComputedStyle(document.body).getPropertyValue("--vs-quiet"), // a canvas knows no variables
    rate: (value) => `${Number((value * 100).toPrecision(5))}%`,
  };
  const starSymbol = () => {
    const place = document.querySelector(".vs-star-place:empty");
    if (place) place.append(star({ data: { s: place.dataset.symbol } }));
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(starSymbol));

  // ── what a table is told before it is there waits for it: news may come with the very message that makes it ──
  const teller = () => {
    const waiting = [];
    let table = null;
    return {
      begin: (api) => {
        table = api;
        waiting.splice(0).forEach((tell) => tell(table));
      },
      tell: (tell) => (table ? tell(table) : waiting.push(tell)),
    };
  };

  return { nextTheme, favourites, asked, remember, teller, cells, charts };
})();
