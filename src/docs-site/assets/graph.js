// @ts-check
/// <reference path="./site.d.ts" />

/** The lineage graph: drawn as SVG, moved by pointer, wheel and keys, followed by hovering. */
globalThis.RollcallGraph = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const MARGIN = 24;
  const LONGEST_NAME = 22;
  /** What + - 0 act on: the frame that was drawn last. @type {((factor: number | null) => void) | null} */
  let zoomLatest = null;

  /** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
  function svg(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.append(...children);
    return made;
  }

  /** @param {SiteData} data @param {string} id @param {number} depth ids up to so many steps up and down */
  function around(data, id, depth) {
    const found = new Set([id]);
    for (const isUp of [true, false]) {
      let edge = [id];
      for (let step = 0; step < depth; step += 1) {
        edge = edge.flatMap((each) =>
          isUp
            ? (data.models.find((model) => model.id === each)?.inputs ?? [])
            : data.models.filter(({ inputs }) => inputs.includes(each)).map((model) => model.id),
        );
        for (const each of edge) found.add(each);
      }
    }
    return data.models.map((model) => model.id).filter((each) => found.has(each));
  }

  /** @param {SiteData} data @param {SiteModel | null} focus */
  function page(data, focus) {
    const ids = focus === null ? data.models.map(({ id }) => id) : around(data, focus.id, 99);
    const { element } = RollcallViews;
    const lead =
      focus === null
        ? "Every model, from what arrived on the left to what is sent on the right."
        : "Everything it is made from and everything made from it.";
    const hint = "Point at a model to follow its way. Drag to move; zoom with + and -, or the wheel and Ctrl.";
    return [
      element("h1", {}, focus === null ? "Lineage" : `Lineage of ${focus.id}`),
      element("p", { class: "lead" }, lead, " ", element("span", { class: "muted" }, hint)),
      frame(data, ids, focus?.id ?? null, "large"),
    ];
  }

  /** @param {SiteData} data @param {string[]} ids @param {string | null} focus @param {"small" | "large"} size */
  function frame(data, ids, focus, size) {
    const { element } = RollcallViews;
    const models = new Map(data.models.map((model) => [model.id, model]));
    const layout = RollcallLayout.layOut(ids, (id) => models.get(id)?.inputs ?? []);
    const edges = layout.edges.map((edge) => ({ ...edge, line: svg("path", { d: edge.path, class: "edge" }) }));
    const nodes = layout.nodes.map((node) => ({
      id: node.id,
      group: drawNode(node, models.get(node.id), node.id === focus),
    }));
    const drawing = svg("g", {}, ...edges.map(({ line }) => line), ...nodes.map(({ group }) => group));
    const picture = svg("svg", { role: "group", "aria-label": "Lineage graph" }, drawing);
    const zoom = makeMovable(picture, layout);
    zoomLatest = zoom;
    for (const { id, group } of nodes) {
      const lit = reach(id, layout.edges);
      const trace = (/** @type {boolean} */ isOn) => {
        drawing.classList.toggle("is-tracing", isOn);
        for (const node of nodes) node.group.classList.toggle("lit", isOn && lit.has(node.id));
        for (const edge of edges) edge.line.classList.toggle("lit", isOn && lit.has(edge.from) && lit.has(edge.to));
      };
      group.addEventListener("pointerenter", () => trace(true));
      group.addEventListener("pointerleave", () => trace(false));
      group.addEventListener("focus", () => trace(true));
      group.addEventListener("blur", () => trace(false));
    }
    return element("div", { class: `graph-frame ${size}` }, toolbar(zoom), picture);
  }

  /** @param {(factor: number | null) => void} zoom */
  function toolbar(zoom) {
    const { element } = RollcallViews;
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {number | null} */ factor) => {
      const made = element("button", { type: "button", class: "quiet", title, "aria-label": title }, text);
      made.addEventListener("click", () => zoom(factor));
      return made;
    };
    return element(
      "div",
      { class: "toolbar" },
      button("+", "Zoom in", 1.25),
      button("−", "Zoom out", 0.8),
      button("Fit", "Fit the graph", null),
    );
  }

  /** @param {GraphLayout["nodes"][number]} node @param {SiteModel | undefined} model @param {boolean} isCurrent */
  function drawNode({ id, x, y, width, height }, model, isCurrent) {
    const name = model?.name ?? id;
    const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
    const group = svg(
      "a",
      {
        href: `#/model/${encodeURIComponent(id)}`,
        class: `node ${RollcallViews.layerOf(model?.dataset ?? "")}${isCurrent ? " current" : ""}`,
        transform: `translate(${x} ${y})`,
        "aria-label": `${id}, ${model?.kind ?? ""}`,
      },
      svg("title", {}, id),
      svg("rect", { width, height, rx: 7 }),
      svg("rect", { class: "bar", width: 4, height: height - 12, x: 6, y: 6, rx: 2 }),
      svg("text", { x: 18, y: 17 }, shown),
      svg("text", { x: 18, y: 31, class: "kind" }, `${model?.dataset ?? ""} · ${model?.kind ?? ""}`),
    );
    group.setAttribute("draggable", "false");
    return group;
  }

  /** @param {string} id @param {{ from: string, to: string }[]} edges everything up and down from it */
  function reach(id, edges) {
    const lit = new Set([id]);
    for (const [near, far] of /** @type {["to" | "from", "to" | "from"][]} */ ([
      ["to", "from"],
      ["from", "to"],
    ])) {
      const queue = [id];
      const seen = new Set([id]);
      for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
        for (const edge of edges) {
          if (edge[near] !== each || seen.has(edge[far])) continue;
          seen.add(edge[far]);
          lit.add(edge[far]);
          queue.push(edge[far]);
        }
      }
    }
    return lit;
  }

  /** @param {SVGElement} picture @param {GraphLayout} layout @returns {(factor: number | null) => void} null fits */
  function makeMovable(picture, layout) {
    const whole = { x: -MARGIN, y: -MARGIN, width: layout.width + 2 * MARGIN, height: layout.height + 2 * MARGIN };
    let view = { ...whole };
    const apply = () => picture.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    /** @param {number} factor @param {number} cx @param {number} cy */
    const zoomAt = (factor, cx, cy) => {
      const width = Math.min(Math.max(view.width / factor, 240), whole.width * 4);
      const scale = width / view.width;
      view = { x: cx - (cx - view.x) * scale, y: cy - (cy - view.y) * scale, width, height: view.height * scale };
      apply();
    };
    /** @param {MouseEvent} event */
    const pointOf = (event) => {
      const box = picture.getBoundingClientRect();
      const scale = Math.max(view.width / box.width, view.height / box.height);
      const left = view.x - (box.width * scale - view.width) / 2;
      const top = view.y - (box.height * scale - view.height) / 2;
      return { x: left + (event.clientX - box.left) * scale, y: top + (event.clientY - box.top) * scale, scale };
    };
    picture.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // A plain wheel scrolls the page.
        event.preventDefault();
        const { x, y } = pointOf(event);
        zoomAt(event.deltaY < 0 ? 1.15 : 1 / 1.15, x, y);
      },
      { passive: false },
    );
    /** @type {{ x: number, y: number, moved: boolean } | null} */
    let drag = null;
    picture.addEventListener("pointerdown", (event) => {
      if (event.button === 0) drag = { x: event.clientX, y: event.clientY, moved: false };
    });
    picture.addEventListener("pointermove", (event) => {
      if (drag === null || (event.buttons & 1) === 0) return;
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      const { scale } = pointOf(event);
      view = { ...view, x: view.x - dx * scale, y: view.y - dy * scale };
      drag = { x: event.clientX, y: event.clientY, moved: true };
      apply();
    });
    // The click that ends a drag opens nothing.
    picture.addEventListener(
      "click",
      (event) => {
        if (drag?.moved) event.preventDefault();
        drag = null;
      },
      true,
    );
    apply();
    return (factor) => {
      if (factor === null) {
        view = { ...whole };
        apply();
      } else zoomAt(factor, view.x + view.width / 2, view.y + view.height / 2);
    };
  }

  return { page, frame, around, zoom: (factor) => zoomLatest?.(factor) };
})();
