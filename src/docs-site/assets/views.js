// @ts-check
/// <reference path="./site.d.ts" />

/** The pages, as DOM nodes. Text always enters as text, never as HTML. */
globalThis.RollcallViews = (() => {
  const LAYERS = ["bronze", "silver", "identity", "gold", "activation", "quality"];
  const LAYER_TEXTS = new Map([
    ["bronze", "What arrived, as it arrived."],
    ["silver", "Facts: typed, deduplicated, with an owner."],
    ["identity", "Who is whom, and since when."],
    ["gold", "One student, one row; segments, consent, engagement."],
    ["activation", "What a target is sent."],
    ["quality", "Gates, counts and quarantine."],
  ]);
  const FLOWS = { copy: "", derive: "derived", digest: "as a digest", decide: "decides" };
  const DEEPEST = 12;
  /** Longer lists of origins begin closed. */
  const LONGEST_OPEN = 12;

  /** @param {string} name @param {Record<string, string>} attributes @param {...(Node | string)} children */
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** @param {string} dataset */
  function layerOf(dataset) {
    return LAYERS.includes(dataset) ? dataset : "other";
  }

  /** @param {string} id */
  const modelHref = (id) => `#/model/${encodeURIComponent(id)}`;
  /** @param {string} table @param {string} column */
  const columnHref = (table, column) => `${modelHref(table)}/${encodeURIComponent(column)}`;

  /** @param {SiteData} data */
  function overview(data) {
    const layers = [...new Set([...LAYERS, ...data.models.map(({ dataset }) => dataset)])];
    const cards = layers.flatMap((layer) => {
      const models = data.models.filter(({ dataset }) => dataset === layer);
      if (models.length === 0) return [];
      const columns = models.reduce((sum, model) => sum + model.columns.length, 0);
      return [
        element(
          "section",
          { class: `card ${layerOf(layer)}` },
          element("h3", {}, layer),
          element("p", {}, LAYER_TEXTS.get(layer) ?? ""),
          element("p", {}, `${models.length} models, ${columns} columns`),
        ),
      ];
    });
    const tests = data.models.reduce((sum, model) => sum + model.tests.length, 0);
    const checks = data.models.reduce((sum, model) => sum + model.checks.length, 0);
    return [
      element("h1", {}, data.title),
      element(
        "p",
        { class: "lead" },
        `${data.models.length} models from bronze to activation, ${tests} model tests, ${checks} assertions. Every column is traced to where it comes from.`,
      ),
      element("div", { class: "cards" }, ...cards),
      element("h2", {}, "All models"),
      RollcallGraph.frame(
        data,
        data.models.map(({ id }) => id),
        null,
        "small",
      ),
    ];
  }

  /** @param {SiteData} data @param {SiteModel} model @param {string | null} column */
  function model(data, model, column) {
    const readers = data.models.filter(({ inputs }) => inputs.includes(model.id));
    return [
      element(
        "div",
        { class: `crumb ${layerOf(model.dataset)}` },
        element("span", { class: "dot" }),
        `${model.dataset} · ${model.kind}`,
      ),
      element("h1", {}, model.id),
      element("p", { class: "lead" }, model.description || "No description."),
      facts(model, readers),
      element("h2", {}, "Lineage"),
      RollcallGraph.frame(data, RollcallGraph.around(data, model.id, 1), model.id, "small"),
      ...columnsPart(data, model, column),
      ...listPart(
        "Tests",
        model.tests.map(({ name, story }) => [name, story]),
      ),
      ...listPart(
        "Assertions",
        model.checks.map((check) => [check.id, `${check.description} ${check.severity}, ${check.schedule}`.trim()]),
      ),
      ...sourcePart(model),
    ];
  }

  /** @param {SiteModel} model @param {SiteModel[]} readers */
  function facts(model, readers) {
    /** @type {[string, (Node | string)[]][]} */
    const rows = [
      ["File", [element("code", {}, model.file)]],
      ["One row per", [model.grain.join(", ")]],
      ["Partitioned by", [model.partitionBy && element("code", {}, model.partitionBy)]],
      ["Clustered by", [model.clusterBy.join(", ")]],
      ["Tags", model.tags.map((tag) => element("span", { class: "chip" }, tag))],
      ["Made from", links(model.inputs)],
      ["Read by", links(readers.map(({ id }) => id))],
    ];
    return element(
      "dl",
      { class: "facts" },
      ...rows.flatMap(([name, values]) => {
        const shown = values.filter((value) => value !== "");
        return shown.length === 0 ? [] : [element("dt", {}, name), element("dd", {}, ...shown)];
      }),
    );
  }

  /** @param {string[]} ids */
  function links(ids) {
    return ids.flatMap((id, at) => [...(at === 0 ? [] : [", "]), element("a", { href: modelHref(id) }, id)]);
  }

  /** @param {SiteData} data @param {SiteModel} model @param {string | null} opened */
  function columnsPart(data, model, opened) {
    if (model.columns.length === 0) return [];
    const rows = model.columns.flatMap((column) => columnRows(data, model, column, column.name === opened));
    const head = ["Column", "Type", "Description"].map((title) => element("th", { scope: "col" }, title));
    return [
      element("h2", {}, `Columns (${model.columns.length})`),
      element(
        "div",
        { class: "scroll" },
        element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
      ),
    ];
  }

  /** @param {SiteData} data @param {SiteModel} model @param {SiteColumn} column @param {boolean} isOpen */
  function columnRows(data, model, column, isOpen) {
    const expander = element(
      "button",
      { class: "expander", type: "button", "aria-expanded": String(isOpen) },
      column.name,
    );
    const personal = column.isPersonal ? [element("span", { class: "chip personal" }, "personal"), " "] : [];
    const row = element(
      "tr",
      { id: `column-${column.name}` },
      element("td", { class: "name" }, expander),
      element("td", { class: "type" }, column.type),
      element("td", {}, ...personal, column.description || "No description."),
    );
    const cell = element("td", { colspan: "3" });
    const detail = element("tr", { class: "detail" }, cell);
    const show = () => {
      if (cell.childNodes.length === 0) cell.append(columnDetail(data, model, column));
      detail.hidden = false;
    };
    detail.hidden = true;
    if (isOpen) show();
    expander.addEventListener("click", () => {
      const willOpen = expander.getAttribute("aria-expanded") !== "true";
      expander.setAttribute("aria-expanded", String(willOpen));
      if (willOpen) show();
      else detail.hidden = true;
    });
    return [row, detail];
  }

  /** @param {SiteData} data @param {SiteModel} model @param {SiteColumn} column */
  function columnDetail(data, model, column) {
    const isFirst = model.dataset === "bronze";
    const none = isFirst ? "It is where the way begins." : "A constant, or made by the run itself.";
    const up = upTree(data, model.id, column.name, new Set(), 0);
    const down = downTree(data, model.id, column.name, new Set(), 0);
    return element(
      "div",
      { class: "split" },
      element(
        "div",
        {},
        ...originsPart(column),
        element("h3", {}, "Comes from"),
        up ?? element("p", { class: "muted" }, none),
      ),
      element(
        "div",
        {},
        element("h3", {}, "Goes to"),
        down ?? element("p", { class: "muted" }, "No other model reads it."),
      ),
    );
  }

  /** @param {SiteColumn} column */
  function originsPart({ origins }) {
    if (origins.length === 0) return [];
    const items = origins.map(({ text, table, column, flow }) => item(text, table, column, flow, null, 0));
    const list = element("ul", { class: "lineage" }, ...items);
    const title = `Begins in ${origins.length === 1 ? "one place" : `${origins.length} places`} of bronze`;
    const isLong = origins.length > LONGEST_OPEN;
    const details = element("details", isLong ? {} : { open: "" }, element("summary", {}, title), list);
    return [element("div", { class: "origins" }, details)];
  }

  /** @param {SiteData} data @param {string} table @param {string} column */
  function columnOf(data, table, column) {
    return data.models.find(({ id }) => id === table)?.columns.find(({ name }) => name === column);
  }

  /** @param {SiteData} data @param {string} table @param {string} column @param {Set<string>} path @param {number} depth @returns {HTMLElement | null} */
  function upTree(data, table, column, path, depth) {
    const sources = columnOf(data, table, column)?.sources ?? [];
    const steps = sources.map(({ path: part, ...source }) => ({
      ...source,
      text: `${source.table}.${source.column}${part === "" ? "" : `.${part}`}`,
    }));
    return tree(steps, `${table}.${column}`, path, depth, (step, beyond) =>
      upTree(data, step.table, step.column, beyond, depth + 1),
    );
  }

  /** @param {SiteData} data @param {string} table @param {string} column @param {Set<string>} path @param {number} depth @returns {HTMLElement | null} */
  function downTree(data, table, column, path, depth) {
    const steps = data.models.flatMap((reader) =>
      reader.columns.flatMap((made) => {
        const source = made.sources.find((each) => each.table === table && each.column === column);
        if (source === undefined) return [];
        return [{ table: reader.id, column: made.name, text: `${reader.id}.${made.name}`, flow: source.flow }];
      }),
    );
    return tree(steps, `${table}.${column}`, path, depth, (step, beyond) =>
      downTree(data, step.table, step.column, beyond, depth + 1),
    );
  }

  /**
   * What flows gets a line and what is behind it; what only decides is named in one line.
   * @param {{ table: string, column: string, text: string, flow: Flow }[]} steps
   * @param {string} from
   * @param {Set<string>} path columns on the way here, which are not entered again
   * @param {number} depth
   * @param {(step: { table: string, column: string }, beyond: Set<string>) => HTMLElement | null} next
   * @returns {HTMLElement | null}
   */
  function tree(steps, from, path, depth, next) {
    const isNew = (/** @type {{ table: string, column: string }} */ { table, column }) => {
      const key = `${table}.${column}`;
      return key !== from && !path.has(key);
    };
    const flowing = steps.filter((step) => step.flow !== "decide" && isNew(step));
    const deciding = steps.filter((step) => step.flow === "decide" && isNew(step));
    const items = flowing.map((step) => {
      const beyond = new Set([...path, from, `${step.table}.${step.column}`]);
      const below = depth >= DEEPEST ? null : next(step, beyond);
      return item(step.text, step.table, step.column, step.flow, below, depth);
    });
    if (deciding.length > 0) {
      const names = deciding.flatMap(({ text, table, column }, at) => [
        at === 0 ? " " : ", ",
        link(text, table, column),
      ]);
      items.push(element("li", { class: "decided" }, element("span", { class: "flow" }, "decided by"), ...names));
    }
    return items.length === 0 ? null : element("ul", { class: "lineage" }, ...items);
  }

  /** @param {string} text @param {string} table @param {string} column */
  function link(text, table, column) {
    return element("a", { href: columnHref(table, column) }, text);
  }

  /** @param {string} text @param {string} table @param {string} column @param {Flow} flow @param {HTMLElement | null} below @param {number} depth */
  function item(text, table, column, flow, below, depth) {
    const mark = FLOWS[flow] === "" ? [] : [" ", element("span", { class: "flow" }, FLOWS[flow])];
    const line = [link(text, table, column), ...mark];
    if (below === null) return element("li", { class: "leaf" }, ...line);
    return element(
      "li",
      {},
      element("details", depth === 0 ? { open: "" } : {}, element("summary", {}, ...line), below),
    );
  }

  /** @param {string} title @param {string[][]} entries */
  function listPart(title, entries) {
    if (entries.length === 0) return [];
    const items = entries.map(([name = "", text = ""]) =>
      element("li", {}, name, element("div", { class: "muted" }, text)),
    );
    return [element("h2", {}, `${title} (${entries.length})`), element("ul", { class: "listing" }, ...items)];
  }

  /** @param {SiteModel} model */
  function sourcePart(model) {
    const texts = [...(model.source === "" ? [] : [{ title: "As written", sql: model.source }]), ...model.compiled];
    if (texts.length === 0) return [];
    const code = element("code", {});
    const buttons = texts.map(({ title, sql }) => {
      const button = element("button", { type: "button", role: "tab", "aria-selected": "false" }, title);
      button.addEventListener("click", () => {
        for (const other of buttons) other.setAttribute("aria-selected", String(other === button));
        code.replaceChildren(...highlight(sql));
      });
      return button;
    });
    buttons[0]?.click();
    return [
      element("h2", {}, "SQL"),
      element("div", { class: "tabs", role: "tablist" }, ...buttons),
      element("pre", { tabindex: "0" }, code),
    ];
  }

  const TOKENS =
    /(--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(\$\{[^}]*\}|@\w+)|\b(\d+(?:\.\d+)?)\b|\b(SELECT|FROM|WHERE|GROUP|ORDER|BY|HAVING|QUALIFY|LIMIT|WITH|AS|AND|OR|NOT|IN|IS|NULL|TRUE|FALSE|CASE|WHEN|THEN|ELSE|END|JOIN|LEFT|RIGHT|FULL|INNER|CROSS|ON|USING|UNION|ALL|DISTINCT|EXCEPT|INTERSECT|INSERT|INTO|VALUES|UPDATE|SET|DELETE|MERGE|MATCHED|CREATE|OR|REPLACE|TABLE|VIEW|TEMP|PARTITION|CLUSTER|OVER|UNNEST|OFFSET|EXISTS|BETWEEN|LIKE|DESC|ASC|INTERVAL|ARRAY|STRUCT|IF|COALESCE|CAST|SAFE_CAST|ROWS|RANGE|BEGIN|COMMIT|TRANSACTION|ASSERT|DECLARE|config|pre_operations|post_operations|js)\b/g;
  const CLASSES = ["c", "s", "p", "n", "k"];

  /** @param {string} sql @returns {(Node | string)[]} */
  function highlight(sql) {
    /** @type {(Node | string)[]} */
    const parts = [];
    let at = 0;
    for (const match of sql.matchAll(TOKENS)) {
      parts.push(sql.slice(at, match.index));
      const kind = match.slice(1).findIndex((group) => group !== undefined);
      parts.push(element("span", { class: CLASSES[kind] ?? "" }, match[0]));
      at = match.index + match[0].length;
    }
    parts.push(sql.slice(at));
    return parts;
  }

  /** @param {string} name */
  function missing(name) {
    return [
      element("h1", {}, "Not here"),
      element("p", { class: "lead" }, `There is no model "${name}". Search for it with /, or choose one at the side.`),
    ];
  }

  return { overview, model, missing, element, layerOf, LAYERS };
})();
