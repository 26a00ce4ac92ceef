"use strict";
// Draws the plots, keeps their colours those of the page, and tells of the photograph one chooses.
(async () => {
  const root = document.documentElement;
  const given = JSON.parse(document.getElementById("plots").textContent);
  root.classList.add("live");  // without it the still pictures are shown
  try {
    await Bokeh.embed.embed_items(given.documents, given.items);
  } catch (error) {
    root.classList.remove("live");
    throw error;
  }
  const page = Bokeh.documents[Bokeh.documents.length - 1];
  const photographs = page.get_model_by_name("photographs");

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const style = getComputedStyle(root);
    const [ink, quiet, line] = ["--ink", "--quiet", "--line"].map((key) => style.getPropertyValue(key).trim());
    const point = { value: dark.matches ? "#56B4E9" : "#0072B2" };
    for (const model of page.all_models) {
      if (model.type.endsWith("Axis"))
        model.setv({ axis_label_text_color: ink, major_label_text_color: ink, axis_line_color: quiet,
                     major_tick_line_color: quiet, minor_tick_line_color: quiet });
      else if (model.type == "Grid") model.setv({ grid_line_color: line });
      else if (model.type == "Legend")
        model.setv({ label_text_color: ink, background_fill_color: null, inactive_fill_alpha: 0.5 });
      else if (model.name == "zero") model.setv({ line_color: quiet });
      else if (model.name == "cloud")
        for (const glyph of [model.glyph, model.nonselection_glyph]) glyph.setv({ fill_color: point });
    }
  };
  paint();
  dark.addEventListener("change", paint);

  const column = (name) => photographs.get(name);
  const pick = document.getElementById("pick");
  const facts = document.getElementById("facts");
  for (const place of given.order)
    pick.add(new Option(`${column("image")[place]}, ${column("shown_residual")[place]}`, place));

  const tell = (place) => {
    const thumbnail = document.createElement("div");
    thumbnail.className = "seen";
    thumbnail.style.backgroundPosition = `${column("left")[place]} ${column("top")[place]}`;
    const list = document.createElement("dl");
    for (const [name, word] of given.facts) {
      const value = String(column(name)[place]);
      if (!value) continue;
      list.append(Object.assign(document.createElement("dt"), { textContent: word }),
                  Object.assign(document.createElement("dd"), { textContent: value }));
    }
    facts.replaceChildren(thumbnail, list);
  };
  pick.addEventListener("change", () => { photographs.selected.indices = [Number(pick.value)]; });
  photographs.selected.change.connect(() => {
    const [place] = photographs.selected.indices;
    if (place === undefined) return;
    pick.value = place;
    tell(place);
  });
  pick.selectedIndex = 0;
  tell(given.order[0]);
})();
