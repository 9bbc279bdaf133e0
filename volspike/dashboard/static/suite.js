// What the tables of the pages do in the browser by themselves; after volspike.js.
Object.assign(volspike, (() => {
  const { favourites, asked, remember, teller } = volspike;

  // ── the table of the Market page ──
  const news = teller();
  let grid = null;
  let onlyStarred = false;
  let sought = "";
  const NARROW = window.matchMedia("(max-width: 760px)");
  const WIDE_ONLY = ["d", "a", "n", "o", "o5", "o15", "o60", "v"]; // the others fit a phone whole
  const ORDER = "-o"; // a column, with a minus the greatest first
  const NARROW_ORDER = "-r"; // on a phone a column that is seen puts the rows in order
  const sort = (by) => {
    const state = [{ colId: by.replace("-", ""), sort: by.startsWith("-") ? "desc" : "asc" }];
    grid.applyColumnState({ state, defaultState: { sort: null } });
  };
  const fit = () => {
    const isNarrow = NARROW.matches;
    const widths = [
      { colId: "star", width: isNarrow ? 28 : 46 },
      { colId: "s", width: isNarrow ? 106 : 150 },
      { colId: "m", flex: isNarrow ? 1000 : 120 }, // a small price is long: it gets what the others can spare
    ];
    grid.applyColumnState({ state: [...widths, ...WIDE_ONLY.map((colId) => ({ colId, hide: isNarrow }))] });
    const order = asked().get("sort") ?? ORDER;
    sort(isNarrow && WIDE_ONLY.includes(order.replace("-", "")) ? NARROW_ORDER : order);
  };
  const showOnlyStarred = (isWanted) => {
    onlyStarred = isWanted;
    const button = document.querySelector(".vs-favourites");
    button.classList.toggle("vs-on", onlyStarred);
    button.setAttribute("aria-pressed", onlyStarred);
  };
  const seek = (text) => (sought = (text ?? "").toUpperCase().replace(/[\s/]/g, ""));
  const viewport = () => document.querySelector(".ag-body-viewport");
  const market = {
    ready: ({ api }) => {
      grid = api;
      const filter = asked().get("filter");
      fit();
      NARROW.addEventListener("change", fit);
      seek(asked().get("search"));
      showOnlyStarred(asked().has("favourites"));
      try {
        grid.setFilterModel(JSON.parse(filter));
      } catch {
        remember({ filter: "" }); // not of this page's making
      }
      grid.onFilterChanged();
      news.begin(grid);
    },
    drawn: () => (viewport().scrollTop = history.state?.top ?? 0),
    scrolled: () => history.replaceState({ ...history.state, top: viewport().scrollTop }, ""),
    sorted: ({ source }) => {
      if (source !== "uiColumnSorted") return; // a phone's own order is nobody's choice
      const by = grid.getColumnState().find((column) => column.sort);
      const order = by ? (by.sort === "desc" ? "-" : "") + by.colId : "none";
      remember({ sort: order === ORDER ? "" : order });
    },
    filtered: () => {
      const model = grid.getFilterModel();
      remember({ filter: Object.keys(model).length ? JSON.stringify(model) : "" });
    },
    count: ({ api }) => {
      let all = 0;
      api.forEachNode(() => (all += 1));
      const shown = api.getDisplayedRowCount();
      const nothing = onlyStarred && !favourites.size ? "No favourites yet: a star makes one" : "No symbol fits";
      document.querySelector(".vs-shown").textContent = shown === all ? "" : `${shown} of `;
      document.querySelector(".vs-nothing").textContent = shown || !all ? "" : nothing;
    },
    update: (_id, changed, gone) =>
      news.tell((api) => {
        const update = [], add = [];
        for (const values of changed) {
          const row = api.getRowNode(values.s);
          row ? update.push(Object.assign(row.data, values)) : add.push(values);
        }
        api.applyTransactionAsync({ update, add, remove: gone.map((symbol) => ({ s: symbol })) });
      }),
    search: (text) => {
      remember({ search: text });
      seek(text);
      grid?.onFilterChanged();
    },
    onlyFavourites: () => {
      showOnlyStarred(!onlyStarred);
      remember({ favourites: onlyStarred ? "only" : "" });
      grid?.onFilterChanged();
    },
    isFiltered: () => onlyStarred || sought !== "",
    passes: ({ data }) => (!onlyStarred || favourites.has(data.s)) && data.s.toUpperCase().includes(sought),
  };

  // What one most likely means: the symbol itself, that of the asset, one that begins so, else the first that is shown.
  const best = () => {
    const shown = [];
    grid.forEachNodeAfterFilterAndSort(({ data }) => shown.push(data.s));
    const wanted = [sought, `${sought}USDT`];
    return (
      wanted.find((symbol) => shown.includes(symbol)) ?? shown.find((symbol) => symbol.startsWith(sought)) ?? shown[0]
    );
  };

  // ── keys: / goes to where one looks for a symbol; there Esc empties it, and Enter opens what fits best ──
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector(".vs-search input, .vs-new-symbol input");
    if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !event.target.closest("input, textarea")) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && event.target === field) {
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.key === "Enter" && event.target === field && grid) {
      market.search(field.value); // what was typed a moment ago counts already
      const meant = sought && best();
      if (meant) location.href = `/symbol/${encodeURIComponent(meant)}`;
    }
  });

  return { market };
})());

Object.assign(volspike, (() => {
  const NARROW = window.matchMedia("(max-width: 760px)");
  // On a phone a table shows fewer columns, and these narrower.
  const fitted = (api, wideOnly, narrow) => {
    const wide = api.getColumns().map((column) => ({ colId: column.getColId(), width: column.getActualWidth() }));
    const fit = () => {
      api.setColumnsVisible(wideOnly, !NARROW.matches);
      const widths = wide.map(({ colId, width }) => ({ colId, width: (NARROW.matches && narrow[colId]) || width }));
      api.applyColumnState({ state: widths });
    };
    fit();
    NARROW.addEventListener("change", fit);
  };
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  // An instant (epoch seconds) in UTC, as the logs have it: the time of today, else with its day.
  const time = ({ value }) => {
    const at = new Date(value * 1000);
    const clock = at.toISOString().slice(11, 19);
    const isToday = at.toISOString().slice(0, 10) === new Date().toISOString().slice(0, 10);
    return isToday ? clock : `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${clock.slice(0, 5)}`;
  };
  const instant = ({ value }) => `${new Date(value * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC`;

  // ── the table of the Alerts page ──
  const news = volspike.teller();
  const alerts = {
    time,
    instant,
    strength: (cell) =>
      cell.data.k === "volume" && cell.value !== null ? `${cell.value.toFixed(2)}×` : volspike.cells.change(cell),
    strengthRules: {
      "vs-good": ({ data, value }) => data.k !== "volume" && value > 0,
      "vs-bad": ({ data, value }) => data.k !== "volume" && value < 0,
    },
    kindRules: Object.fromEntries(
      ["volume", "open-interest", "trigger", "health"].map((kind) => [`vs-kind-${kind}`, ({ data }) => data.k === kind]),
    ),
    ready: ({ api }) => {
      fitted(api, ["k", "z", "p", "o", "f"], { t: 84, s: 104 });
      news.begin(api);
    },
    update: (added, removed) =>
      news.tell((api) => {
        const told = api.applyTransaction({ add: added, addIndex: 0, remove: removed });
        api.flashCells({ rowNodes: told.add, columns: ["t"] });
      }),
    replace: (rows) => news.tell((api) => api.setGridOption("rowData", rows)),
  };

  // ── the table of the My alerts page: a button is a cell, the server is told of the click ──
  const button = (sign, title, isShown) => ({ data }) => {
    const made = document.createElement("button");
    made.className = "vs-action";
    made.textContent = sign;
    made.title = title;
    made.setAttribute("aria-label", `${title}: ${data.s} ${data.h}`);
    return isShown(data) ? made : document.createElement("span");
  };
  // On a phone the columns of what is watched and of the state are not there: they stand below the symbol.
  const told = (data) => {
    const place = document.createElement("div");
    const [watched, state] = [data.w, data.e].map((words) => {
      const line = document.createElement("div");
      line.className = "vs-below";
      line.textContent = words;
      return line;
    });
    state.classList.add(data.fired ? "vs-warn" : "vs-good");
    place.append(volspike.cells.symbol({ data }), watched, state);
    return place;
  };
  const ROW_PIXELS = 40;
  const NARROW_ROW_PIXELS = 58;
  const ownNews = volspike.teller();
  const myAlerts = {
    symbol: ({ data }) => told(data),
    rearm: button("↻", "Arm again", (data) => data.fired),
    remove: button("✕", "Delete", () => true),
    stateRules: { "vs-good": ({ data }) => !data.fired, "vs-warn": ({ data }) => data.fired },
    ready: ({ api }) => {
      fitted(api, ["w", "c", "d", "e"], { rearm: 34, remove: 34 });
      const fit = () => api.setGridOption("rowHeight", NARROW.matches ? NARROW_ROW_PIXELS : ROW_PIXELS);
      fit();
      NARROW.addEventListener("change", fit);
      ownNews.begin(api);
    },
    update: (changed, removed) =>
      ownNews.tell((api) => {
        const isKnown = ({ id }) => Boolean(api.getRowNode(id));
        const { update } = api.applyTransaction({
          update: changed.filter(isKnown),
          add: changed.filter((row) => !isKnown(row)),
          remove: removed,
        });
        api.refreshCells({ rowNodes: update, columns: ["s"], force: true }); // it tells more than the symbol
      }),
  };

  return { alerts, myAlerts };
})());
