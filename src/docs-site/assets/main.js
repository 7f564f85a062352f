// @ts-check
/// <reference path="./site.d.ts" />

(() => {
  const data = ROLLCALL_DOCS;
  const { element } = RollcallViews;
  const models = new Map(data.models.map((model) => [model.id, model]));
  const index = RollcallSearch.createIndex(data.models);
  const content = must("content");
  const search = /** @type {HTMLInputElement} */ (must("search"));
  const results = must("results");
  const keys = /** @type {HTMLDialogElement} */ (must("keys"));
  /** @type {SearchEntry[]} */
  let found = [];
  let chosen = 0;

  /** @param {string} id */
  function must(id) {
    const there = document.getElementById(id);
    if (there === null) throw new Error(`the page has no #${id}`);
    return there;
  }

  // Pages by the part of the address after "#".

  /** @returns {{ kind: string, id: string, column: string | null }} */
  function route() {
    const [, kind = "", id = "", column] = location.hash.replace(/^#/, "").split("/").map(decodeURIComponent);
    return { kind, id, column: column ?? null };
  }

  function render() {
    const { kind, id, column } = route();
    const model = models.get(id);
    /** @type {Node[]} */
    let nodes;
    if (kind === "graph") nodes = RollcallGraph.page(data, model ?? null);
    else if (kind === "model")
      nodes = model === undefined ? RollcallViews.missing(id) : RollcallViews.model(data, model, column);
    else nodes = RollcallViews.overview(data);
    content.replaceChildren(element("div", { class: kind === "graph" ? "" : "page" }, ...nodes));
    document.title = model === undefined ? data.title : `${id} · ${data.title}`;
    for (const link of document.querySelectorAll(".tree a")) {
      if (link.getAttribute("data-id") === id && kind === "model") {
        link.setAttribute("aria-current", "page");
        link.scrollIntoView({ block: "nearest" });
      } else link.removeAttribute("aria-current");
    }
    const row = column === null ? null : document.getElementById(`column-${column}`);
    if (row === null) window.scrollTo(0, 0);
    else row.scrollIntoView({ block: "center" });
  }

  function renderTree() {
    const datasets = [...new Set([...RollcallViews.LAYERS, ...data.models.map(({ dataset }) => dataset)])];
    must("tree").replaceChildren(
      ...datasets.flatMap((dataset) => {
        const own = data.models.filter((model) => model.dataset === dataset);
        if (own.length === 0) return [];
        return [
          element("h2", { class: RollcallViews.layerOf(dataset) }, element("span", { class: "dot" }), dataset),
          ...own.map(({ id, name }) =>
            element("a", { href: `#/model/${encodeURIComponent(id)}`, "data-id": id, title: id }, name),
          ),
        ];
      }),
    );
  }

  // Search.

  function showResults() {
    const isOpen = search.value.trim() !== "";
    results.hidden = !isOpen;
    search.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    found = RollcallSearch.find(index, search.value);
    chosen = 0;
    const items = found.map((entry, at) => resultItem(entry, at));
    results.replaceChildren(...(items.length === 0 ? [element("div", { class: "none" }, "Nothing found.")] : items));
    markChosen();
  }

  /** @param {SearchEntry} entry @param {number} at */
  function resultItem(entry, at) {
    const model = models.get(entry.model);
    const where =
      entry.column === null
        ? (model?.description ?? "")
        : (model?.columns.find(({ name }) => name === entry.column)?.description ?? "");
    const title = entry.column === null ? entry.model : `${entry.model}.${entry.column}`;
    const item = element(
      "li",
      { role: "option", id: `result-${at}` },
      title,
      element("span", { class: "where" }, where),
    );
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      open(entry);
    });
    return item;
  }

  function markChosen() {
    [...results.children].forEach((item, at) => {
      item.setAttribute("aria-selected", String(at === chosen && found.length > 0));
      if (at === chosen) item.scrollIntoView({ block: "nearest" });
    });
    if (found.length > 0) search.setAttribute("aria-activedescendant", `result-${chosen}`);
    else search.removeAttribute("aria-activedescendant");
  }

  /** @param {SearchEntry} entry */
  function open(entry) {
    const column = entry.column === null ? "" : `/${encodeURIComponent(entry.column)}`;
    location.hash = `#/model/${encodeURIComponent(entry.model)}${column}`;
    closeSearch();
    content.focus();
  }

  function closeSearch() {
    search.value = "";
    showResults();
    search.blur();
  }

  search.addEventListener("input", showResults);
  search.addEventListener("blur", () => {
    results.hidden = true;
    search.setAttribute("aria-expanded", "false");
  });
  search.addEventListener("focus", showResults);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeSearch();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = Math.min(Math.max(chosen + (event.key === "ArrowDown" ? 1 : -1), 0), Math.max(found.length - 1, 0));
      markChosen();
    } else if (event.key === "Enter") {
      const entry = found[chosen];
      if (entry !== undefined) open(entry);
    }
  });

  // Keys, theme.

  /** @param {number} step */
  function neighbour(step) {
    const links = [...document.querySelectorAll(".tree a")].map((link) => link.getAttribute("data-id") ?? "");
    const at = links.indexOf(route().id);
    const next = links[at === -1 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
    if (next !== undefined) location.hash = `#/model/${encodeURIComponent(next)}`;
  }

  /** @type {Record<string, () => void>} */
  const shortcuts = {
    "/": () => search.focus(),
    j: () => neighbour(1),
    k: () => neighbour(-1),
    g: () => {
      const { kind, id } = route();
      location.hash = kind === "model" ? `#/graph/${encodeURIComponent(id)}` : "#/graph";
    },
    h: () => {
      location.hash = "#/";
    },
    "?": () => keys.showModal(),
    "+": () => RollcallGraph.zoom(1.25),
    "-": () => RollcallGraph.zoom(0.8),
    0: () => RollcallGraph.zoom(null),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    const run = shortcuts[event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  });
  must("help").addEventListener("click", () => keys.showModal());
  must("theme").addEventListener("click", () => {
    const isDark =
      getComputedStyle(document.documentElement).colorScheme === "dark" ||
      (document.documentElement.dataset.theme === undefined && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = isDark ? "light" : "dark";
    remember(document.documentElement.dataset.theme);
  });

  /** Storage may be closed to a page from a file. @param {string} theme */
  function remember(theme) {
    try {
      localStorage.setItem("rollcall-docs-theme", theme);
    } catch {
      // Then it is chosen anew next time.
    }
  }
  try {
    const theme = localStorage.getItem("rollcall-docs-theme");
    if (theme !== null) document.documentElement.dataset.theme = theme;
  } catch {
    // As above.
  }

  must("site-title").textContent = data.title;
  renderTree();
  window.addEventListener("hashchange", render);
  render();
})();
