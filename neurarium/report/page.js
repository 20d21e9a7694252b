// Draws the charts of a report with Plotly, which the page carries packed. Without it, or in a browser that can't
// unpack it, the numbers below each chart remain.
(async () => {
  "use strict";
  const root = document.documentElement;
  const boxes = [...document.querySelectorAll(".chart")];
  const folded = () => [...document.querySelectorAll("details:not([open])")];

  // On paper nothing stays folded.
  let opened = [];
  addEventListener("beforeprint", () => { opened = folded(); opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });

  const packed = document.getElementById("chart-library");
  if (!boxes.length || !packed) { root.dataset.charts = "none"; return; }
  const give_up = (box, why) => {
    box.dataset.state = "failed";
    box.textContent = "This chart could not be drawn (" + why + "). Its numbers are below.";
    box.style.height = "auto";
  };
  try {
    const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(unpacked).text();
    document.head.append(script);
    packed.remove();
  } catch (error) {
    boxes.forEach((box) => give_up(box, error.message));
    root.dataset.charts = "failed";
    return;
  }

  // ── Colours: from the style sheet, so that charts and page always agree ──────────────────────────────────────────
  const theme = () => {
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue("--" + name).trim();
    return {
      paper: colour("paper"), ink: colour("ink"), quiet: colour("quiet"), grid: colour("grid"), rule: colour("rule"),
      series: colour("series").split(/\s+/), sans: colour("sans"),
    };
  };
  // What is drawn over a colour map must stand out from all of it.
  const over_map = ["#ff5a36", "#ffffff", "#ff9ecb", "#9fe8ff"];
  const diverging = [[0, "#0050a2"], [0.25, "#6a98d0"], [0.5, "#f3f3f3"], [0.75, "#e0837b"], [1, "#a21721"]];

  const is_grid = (trace) => ["heatmap", "contour", "surface"].includes(trace.kind);
  const is_solid = (chart) => chart.traces.some((t) => t.kind === "surface" || t.z);

  // Signed heights get the diverging map around zero, all others viridis.
  const colour_map = (trace) => {
    let low = Infinity, high = -Infinity;
    for (const v of trace.grid.flat()) if (v !== null) { low = Math.min(low, v); high = Math.max(high, v); }
    const reach = Math.max(-low, high);
    // Chosen once: a map that follows sliders keeps its colours.
    trace.signed ??= low < -0.2 * reach && high > 0.2 * reach;
    if (trace.signed)
      return { colorscale: diverging, min: -reach, max: reach };
    return { colorscale: "Viridis", min: low, max: high };
  };

  // When all colours are used up they begin anew, with other dashes, markers and hatches: no two lines look alike.
  const again = [
    { dash: "solid", symbol: "circle", hatch: "" }, { dash: "dash", symbol: "square", hatch: "/" },
    { dash: "dot", symbol: "diamond", hatch: "x" }, { dash: "dashdot", symbol: "cross", hatch: "." },
  ];

  const pale = (colour) => colour.replace(/^#([0-9a-f]{6})$/i, "#$133");
  const plotly_traces = (chart, look, narrow) => {
    const solid = is_solid(chart), mapped = chart.traces.some(is_grid);
    const surface = chart.traces.find((t) => t.kind === "surface");
    const heights = surface && extent(surface.grid.map(finite));
    let used = 0;
    return chart.traces.map((trace) => {
      const grid = is_grid(trace);
      const palette = mapped ? over_map : look.series;
      // A band has the colour of the line that follows it.
      const place_in_order = trace.colour || grid ? 0 : trace.kind === "band" ? used : used++;
      const colour = trace.colour || (grid ? "" : palette[place_in_order % palette.length]);
      const round = Math.floor(place_in_order / palette.length), style = again[round % again.length];
      const common = { name: trace.name, showlegend: !grid && !!trace.name && trace.kind !== "band" };
      if (grid) {
        const map = colour_map(trace);
        const bar = {
          thickness: narrow ? 10 : 14, outlinewidth: 0, ticks: "outside", ticklen: 4, tickcolor: look.rule, len: 0.92,
          title: { text: chart.z_label, side: narrow ? "top" : "right", font: { size: 12 } },
          tickfont: { size: narrow ? 10 : 12 },
        };
        const base = { ...common, x: trace.x, y: trace.y, z: trace.grid, colorscale: map.colorscale, colorbar: bar };
        if (trace.kind === "heatmap") return { ...base, type: "heatmap", zmin: map.min, zmax: map.max };
        if (trace.kind === "contour")
          return {
            ...base, type: "contour", zmin: map.min, zmax: map.max, ncontours: 18,
            contours: { coloring: "heatmap" }, line: { color: "rgba(255,255,255,0.55)", width: 0.8 },
          };
        return {
          ...base, type: "surface", cmin: map.min, cmax: map.max, showscale: !narrow,
          lighting: { ambient: 0.75, diffuse: 0.5, specular: 0.08, roughness: 0.9 },
          contours: { z: { highlightcolor: look.ink } },
        };
      }
      if (trace.kind === "band")
        return {
          ...common, type: "scatter", mode: "lines", x: trace.x, y: trace.y, fill: "toself", fillcolor: pale(colour),
          line: { width: 0 }, hoverinfo: "skip",
        };
      const labels = trace.labels || [];
      const hover = labels.length ? { text: labels, hovertemplate: "%{text}<br>%{x}, %{y}<extra></extra>" } : {};
      if (trace.kind === "bars") {
        const x = trace.x || labels;
        return { ...common, ...(trace.x ? hover : {}), type: "bar", x, y: trace.y, marker: { color: colour, pattern: { shape: style.hatch } } };
      }
      const few = labels.length > 0 && labels.length <= 12, many = trace.y.length > 400;
      const rim = { width: 1.5, color: mapped ? "#15181c" : look.paper };
      const place = solid
        ? { type: "scatter3d", x: trace.x, y: trace.y, z: trace.z || trace.y.map(() => 0) }
        : { type: "scatter", x: trace.x, y: trace.y };
      if (solid && trace.z && heights) {
        // Lifted by 1 % of the height: in the surface, a line would be drawn in pieces. What one reads stays true.
        place.z = trace.z.map((z) => (z === null ? null : z + 0.01 * (heights[1] - heights[0])));
        place.customdata = trace.z;
        place.hovertemplate = (labels.length ? "%{text}<br>" : "") + "%{x}, %{y}, %{customdata}<extra></extra>";
      }
      if (trace.kind === "line")
        return {
          ...hover, ...common, ...place, mode: round > 0 && trace.y.length <= 40 ? "lines+markers" : "lines",
          line: { color: colour, width: solid ? 6 : 2, dash: style.dash, simplify: false },
          marker: { color: colour, symbol: style.symbol, size: solid ? 4 : 7 }, connectgaps: false,
        };
      return {
        ...hover, ...common, ...place, mode: few ? "markers+text" : "markers", textposition: "top center",
        textfont: { size: 12, color: mapped && !solid ? "#ffffff" : look.ink },
        marker: {
          color: colour, symbol: style.symbol, size: solid || many ? 5 : trace.y.length > 40 ? 8 : 11, line: many ? { width: 0 } : rim,
        },
      };
    });
  };

  const finite = (values) => values.filter((v) => v !== null);
  const extent = (lists) => lists.flat().reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);

  // A label per decade, as soon as there are enough of them; all as powers if some would be too long or named by a prefix.
  const log_axis = (chart, side) => {
    const [low, high] = extent(chart.traces.map((t) => finite(t[side] || []).filter((v) => v > 0)));
    const powers = low < 1e-4 || high > 1e5 ? { exponentformat: "power" } : {};
    return { type: "log", ...(high / low > 30 ? { dtick: 1, minor: { ticks: "outside", ticklen: 2 }, ...powers } : {}) };
  };

  // Few whole numbers, such as epochs: no ticks between them. Rows and columns of a map that have names show these, and so does an axis.
  const whole_axis = (chart, side) => {
    if (side === "x" && chart.x_names) return { tickvals: chart.x_names.map((_, k) => k), ticktext: chart.x_names };
    const named = chart.traces.find((t) => is_grid(t) && t.labels && t.labels.length === t[side].length);
    if (named) return { tickvals: named[side], ticktext: named.labels };
    const values = chart.traces.flatMap((t) => finite(t[side] || []));
    const [low, high] = extent([values]);
    return high - low < 8 && values.every(Number.isInteger) ? { dtick: 1 } : {};
  };

  const in_legend = (chart) => chart.traces.filter((t) => !is_grid(t) && t.kind !== "band" && t.name).length;
  // What a legend of more than three lines takes is added to the chart's height.
  const legend_room = (chart, narrow) => 20 * Math.max(0, Math.ceil(in_legend(chart) / (narrow ? 2 : 5)) - 3);

  const plotly_layout = (chart, look, narrow, width) => {
    const solid = is_solid(chart), mapped = chart.traces.some(is_grid);
    const axis = (label, more) => ({
      title: { text: label, standoff: 8, font: { size: narrow ? 12 : 13 } }, automargin: true,
      gridcolor: look.grid, zerolinecolor: look.rule, linecolor: look.rule, tickcolor: look.rule,
      ticks: "outside", ticklen: 4, zeroline: !mapped, ...more,
    });
    const layout = {
      autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: look.sans, size: narrow ? 12 : 13, color: look.ink },
      margin: solid ? { l: 0, r: 0, t: 24, b: 0 } : { l: 48, r: narrow ? 8 : 16, t: 16, b: 44 },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: look.quiet, activecolor: look.ink }, bargap: 0.35,
      hovermode: "closest", hoverlabel: { font: { family: look.sans } },
      showlegend: in_legend(chart) > (mapped ? 0 : 1),
    };
    if (solid) {
      const side = (label) => ({
        title: { text: label, font: { size: 12 } }, gridcolor: look.rule, zerolinecolor: look.rule,
        linecolor: look.quiet,
        color: look.ink, showbackground: false, tickfont: { size: 11 }, nticks: narrow ? 5 : 8,
      });
      layout.scene = {
        xaxis: side(chart.x_label), yaxis: side(chart.y_label), zaxis: side(chart.z_label),
        aspectmode: "manual", aspectratio: { x: 1, y: 1, z: 0.65 },
        camera: {
          eye: narrow ? { x: 1.45, y: -1.65, z: 0.9 } : { x: 1.25, y: -1.45, z: 0.8 }, center: { x: 0, y: 0, z: -0.12 },
        },
        bgcolor: "rgba(0,0,0,0)", dragmode: "turntable",
      };
    } else {
      const plain = mapped ? { showgrid: false, constrain: "domain" } : {};
      layout.xaxis = axis(chart.x_label, { ...plain, ...(chart.log_x ? log_axis(chart, "x") : whole_axis(chart, "x")) });
      layout.yaxis = axis(chart.y_label, { ...plain, ...(chart.log_y ? log_axis(chart, "y") : whole_axis(chart, "y")) });
      if (chart.sliders) {  // what moves must not move the axes
        const grid = chart.traces.find(is_grid);
        if (grid) Object.assign(layout.xaxis, { range: extent([grid.x]) }), Object.assign(layout.yaxis, { range: extent([grid.y]) });
      }
      if (chart.equal_axes) Object.assign(layout.yaxis, { scaleanchor: "x", scaleratio: 1 });
      // A finger that scrolls the page must not zoom the chart.
      layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
    }
    if (width) Object.assign(layout, { autosize: false, width, height: solid || chart.equal_axes ? 400 : 320 + legend_room(chart, narrow) });
    return layout;
  };

  const touch = matchMedia("(hover: none)").matches;
  const config = {
    // No button that sends a chart to somebody's server.
    responsive: true, displaylogo: false, showSendToCloud: false, scrollZoom: false,
    displayModeBar: touch ? false : "hover",
    modeBarButtonsToRemove: [
      "lasso2d", "select2d", "zoomIn2d", "zoomOut2d", "orbitRotation", "resetCameraLastSave3d", "sendChartToCloud",
      "sendDataToCloud",
    ],
  };
  const charts = boxes.map((box) => ({ box, chart: JSON.parse(box.querySelector("script").textContent) }));
  // With equal axes the data's own shape says how high the box must be.
  const fit_height = (box, chart) => {
    if (is_solid(chart)) return;
    if (!chart.equal_axes) {
      box.style.height = "";
      const more = legend_room(chart, box.clientWidth < 520);
      if (more) box.style.height = box.clientHeight + more + "px";
      return;
    }
    const shown = chart.sliders ? chart.traces.filter(is_grid) : chart.traces;
    const [x0, x1] = extent(shown.map((t) => finite(t.x || [])));
    const [y0, y1] = extent(shown.map((t) => finite(t.y)));
    const mapped = chart.traces.some(is_grid);
    const height = (box.clientWidth - (mapped ? 130 : 70)) * (mapped ? 1 : 1.06) * (y1 - y0) / (x1 - x0) + 90;
    if (Number.isFinite(height)) box.style.height = Math.max(220, Math.min(640, height)) + "px";
  };
  const draw = ({ box, chart }, width) => {
    if (!width) fit_height(box, chart);
    const look = theme(), narrow = (width || box.clientWidth) < 520;
    return Plotly.react(box, plotly_traces(chart, look, narrow), plotly_layout(chart, look, narrow, width), config);
  };

  // ── Sliders: those of one name move together, and every trace with a formula follows ─────────────────────────────
  const values = {};
  // sum = product (± product)…, product = factor (* or / factor)…, factor = number | word | word(sum, …) | (sum) | −factor.
  // Each becomes a function of the free variables; the page's policy allows no other way to run a formula.
  const compiled = (formula) => {
    const tokens = formula.match(/\d+(?:\.\d+)?(?:e-?\d+)?|[a-z_]\w*|[-+*\/(),]/gi);
    const taken = (token) => tokens[0] === token && !!tokens.shift();
    const sum = () => {
      let left = product();
      while (tokens[0] === "+" || tokens[0] === "-") {
        const a = left, sign = tokens.shift() === "+" ? 1 : -1, b = product();
        left = (free) => a(free) + sign * b(free);
      }
      return left;
    };
    const product = () => {
      let left = factor();
      while (tokens[0] === "*" || tokens[0] === "/") {
        const a = left, times = tokens.shift() === "*", b = factor();
        left = times ? (free) => a(free) * b(free) : (free) => a(free) / b(free);
      }
      return left;
    };
    const factor = () => {
      if (taken("-")) { const a = factor(); return (free) => -a(free); }
      if (taken("(")) { const a = sum(); taken(")"); return a; }
      const word = tokens.shift();
      if (/^\d/.test(word)) { const number = Number(word); return () => number; }
      if (!taken("(")) return (free) => (Object.hasOwn(free, word) ? free[word] : values[word]);
      const given = [sum()];
      while (taken(",")) given.push(sum());
      taken(")");
      return given.length === 1 ? (free) => Math[word](given[0](free)) : (free) => Math[word](...given.map((a) => a(free)));
    };
    return sum();
  };
  const short = (value) => Number(value.toPrecision(6));
  const follow = ({ chart }) => {
    for (const trace of chart.traces) {
      if (trace.formula) {
        const height = compiled(trace.formula);
        trace.grid = trace.y.map((y) => trace.x.map((x) => height({ x, y })));
      }
      if (trace.x_formula && trace.y_formula) {
        const x = compiled(trace.x_formula), y = compiled(trace.y_formula), last = Math.max(1, trace.y.length - 1);
        trace.x = trace.y.map((_, k) => x({ t: k / last }));
        trace.y = trace.y.map((_, k) => y({ t: k / last }));
      }
    }
  };
  const add_sliders = (entry) => {
    const panel = document.createElement("div");
    panel.className = "sliders";
    for (const slider of entry.chart.sliders) {
      const label = document.createElement("label"), input = document.createElement("input"), shown = document.createElement("output");
      Object.assign(input, { type: "range", min: slider.low, max: slider.high, step: slider.step, value: slider.value });
      input.dataset.name = slider.name;
      values[slider.name] ??= slider.value;
      input.setAttribute("aria-label", slider.label);
      shown.textContent = short(slider.value);
      label.append(slider.label + " ", input, " ", shown);
      panel.append(label);
      let asked = false;
      input.addEventListener("input", () => {
        values[slider.name] = Number(input.value);
        for (const other of document.querySelectorAll(".sliders input"))
          if (other.dataset.name === slider.name) {
            other.value = input.value;
            other.parentElement.querySelector("output").textContent = short(Number(input.value));
          }
        if (asked) return;
        asked = true;
        requestAnimationFrame(() => {
          asked = false;
          for (const moved of drawn())
            if (moved.chart.sliders && moved.chart.sliders.some((s) => s.name === slider.name)) { follow(moved); draw(moved).catch((error) => give_up(moved.box, error.message)); }
        });
      });
    }
    entry.box.after(panel);
  };

  for (const entry of charts) {
    entry.box.dataset.state = "waiting";
    try {
      entry.box.textContent = "";
      await draw(entry);
      entry.box.dataset.state = "drawn";
      if (entry.chart.sliders) add_sliders(entry);
    } catch (error) {
      give_up(entry.box, error.message);
    }
  }
  root.dataset.charts = boxes.every((box) => box.dataset.state === "drawn") ? "drawn" : "failed";

  const drawn = () => charts.filter(({ box }) => box.dataset.state === "drawn");
  const paper_width = 640;
  const redraw = (width) => drawn().forEach((entry) => draw(entry, width));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
  addEventListener("beforeprint", () => { root.dataset.paper = ""; redraw(paper_width); });
  addEventListener("afterprint", () => { delete root.dataset.paper; redraw(); });
  // A 3-D scene draws with the next frame, which is too late for paper: a still picture waits for it.
  const still = async ({ box, chart }) => {
    root.dataset.paper = "";
    const look = theme();
    delete root.dataset.paper;
    const figure = { data: plotly_traces(chart, look, false), layout: plotly_layout(chart, look, false, paper_width) };
    const picture = new Image(paper_width, figure.layout.height);
    picture.className = "on-paper";
    picture.alt = box.getAttribute("aria-label");
    picture.src = await Plotly.toImage(figure, {
      format: "png", width: paper_width, height: figure.layout.height, scale: 2,
    });
    box.after(picture);
  };
  // One after the other, when the browser has nothing better to do.
  const idle = () => new Promise((go) => (window.requestIdleCallback || setTimeout)(go));
  drawn().filter(({ chart }) => is_solid(chart))
    .reduce((before, entry) => before.then(idle).then(() => still(entry)), Promise.resolve())
    .finally(() => { root.dataset.stills = "done"; });

  // Margins and the colour bar depend on whether the box is narrow.
  let was = charts.map(({ box }) => box.clientWidth < 520);
  addEventListener("resize", () => {
    const is = charts.map(({ box }) => box.clientWidth < 520);
    if (!("paper" in root.dataset) && is.some((narrow, k) => narrow !== was[k])) { was = is; redraw(); }
  });
})();
