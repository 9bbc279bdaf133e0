// What the pages about alerts and the suite do in the browser by themselves; after volspike.js.
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
  const ownNews = volspike.teller();
  const myAlerts = {
    rearm: button("↻", "Arm again", (data) => data.fired),
    remove: button("✕", "Delete", () => true),
    stateRules: { "vs-good": ({ data }) => !data.fired, "vs-warn": ({ data }) => data.fired },
    ready: ({ api }) => {
      fitted(api, ["w", "c", "d", "e"], { rearm: 38, remove: 38 });
      ownNews.begin(api);
    },
    update: (changed, removed) =>
      ownNews.tell((api) => {
        const isKnown = ({ id }) => Boolean(api.getRowNode(id));
        api.applyTransaction({
          update: changed.filter(isKnown),
          add: changed.filter((row) => !isKnown(row)),
          remove: removed,
        });
      }),
  };

  return { alerts, myAlerts };
})());
