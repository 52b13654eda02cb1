"use strict";
(() => {
  const CHUNK = 100; // rows made at a time: a list of thousands stays quick
  const FILTERS = ["q", "verdict", "area", "level", "feature", "mode", "req"];
  const element = (id) => document.getElementById(id);

  // Whatever a target has said becomes text here, never markup.
  function make(tag, name, ...content) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...content);
    return made;
  }

  function link(text, target) {
    const made = make("a", "", text);
    made.href = "#" + target;
    return made;
  }

  // What stands between backticks in a sentence of the text is code.
  function words(sentence) {
    return sentence.split("`").map((part, place) => (place % 2 ? make("code", "", part) : part));
  }

  // The data: see packing.py

  let data, cases, requirements;
  const cards = new Map();

  function unpack() {
    data = JSON.parse(element("data").textContent);
    requirements = data.requirements.map(([level, actor, sentence, section], place) => (
      { id: data.ids[place], area: data.ids[place].split("-")[1], level, actor, sentence, section, cases: [], broken: 0 }
    ));
    cases = data.runs.flatMap(({ mode, cases: rows }) => {
      let id = "", title = "";
      return rows.map(([sharedId, restId, sharedTitle, restTitle, ...facts]) => {
        id = id.slice(0, sharedId) + restId;
        title = title.slice(0, sharedTitle) + restTitle;
        return oneCase(mode, id, title, facts);
      });
    });
    for (const one of requirements) one.verdict = worst(one);
  }

  function oneCase(mode, id, title, [cites, verdict, level, area, feature, ms, message = "", broken = []]) {
    const one = {
      mode, id, title, message, ms,
      cites: cites.map((place) => data.ids[place]),
      broken: broken.map((place) => data.ids[place]),
      verdict: data.verdicts[verdict],
      level: data.levels[level],
      area: data.areas[area] || "",
      feature: data.features[feature],
    };
    for (const place of new Set([...cites, ...broken])) {
      requirements[place].cases.push(one);
      requirements[place].broken += broken.includes(place);
    }
    one.text = [id, title, message, ...one.cites].join("\n").toLowerCase();
    return one;
  }

  // A case in which another requirement was broken says nothing about this one.
  function worst(requirement) {
    const telling = requirement.cases.filter(({ broken }) => !broken.length || broken.includes(requirement.id));
    const found = new Set(telling.map(({ verdict }) => verdict));
    return data.verdicts.find((verdict) => found.has(verdict)) || "inconclusive";
  }

  // What is asked for, as the fragment of the address has it

  const state = { view: "cases" };
  let open = "";

  function initial() {
    const isBad = cases.some(({ verdict }) => data.bad.includes(verdict));
    return { view: "cases", q: "", verdict: isBad ? "bad" : "all", area: "", level: "", feature: "", mode: "", req: "" };
  }

  function readAddress() {
    const fragment = decodeURIComponent(location.hash.slice(1));
    Object.assign(state, initial());
    open = "";
    if (fragment.startsWith("?")) {
      const wanted = new URLSearchParams(location.hash.slice(2));
      for (const name of ["view", ...FILTERS]) if (wanted.has(name)) state[name] = wanted.get(name);
    } else if (data.ids.includes(fragment)) {
      Object.assign(state, { view: "requirements", verdict: "all", req: fragment });
      open = fragment;
    } else if (cases.some(({ id }) => id === fragment)) {
      Object.assign(state, { verdict: "all", q: fragment });
      open = fragment;
    }
    show();
    // Once the row that was opened has been filled: before, the page may be too short.
    if (fragment.startsWith("?") || open) setTimeout(() => element("cases").scrollIntoView());
  }

  function writeAddress() {
    const before = initial();
    const changed = ["view", ...FILTERS].filter((name) => state[name] !== before[name]);
    const wanted = new URLSearchParams(changed.map((name) => [name, state[name]]));
    history.replaceState(null, "", changed.length ? "#?" + wanted : location.pathname + location.search);
  }

  function hasVerdict({ verdict }) {
    if (state.verdict === "all") return true;
    return state.verdict === "bad" ? data.bad.includes(verdict) : verdict === state.verdict;
  }

  const isAsked = (value, wanted) => !wanted || value === wanted;

  function matchingCases() {
    const words = state.q.toLowerCase().split(/\s+/);
    return cases.filter((one) => hasVerdict(one) && isAsked(one.area, state.area) && isAsked(one.level, state.level)
      && isAsked(one.feature, state.feature) && isAsked(one.mode, state.mode)
      && (!state.req || one.cites.includes(state.req) || one.broken.includes(state.req))
      && (one.id === state.q || words.every((word) => one.text.includes(word))));
  }

  function matchingRequirements() {
    const words = state.q.toLowerCase().split(/\s+/);
    const matches = (one) => {
      const text = (one.id + "\n" + one.sentence + "\n" + one.section).toLowerCase();
      return hasVerdict(one) && isAsked(one.area, state.area) && isAsked(one.level.replace(" NOT", ""), state.level)
        && isAsked(one.id, state.req) && words.every((word) => text.includes(word))
        && one.cases.some(({ feature, mode }) => isAsked(feature, state.feature) && isAsked(mode, state.mode));
    };
    return requirements.filter(matches);
  }

  // Rows

  let found = [], done = 0;

  function show() {
    const isCases = state.view === "cases";
    found = isCases ? matchingCases() : matchingRequirements();
    // A case that is named is that one, whatever else has its name in its own.
    const exact = isCases && found.filter(({ id }) => id === state.q);
    if (exact.length) found = exact;
    const all = isCases ? cases.length : requirements.length;
    element("count").textContent = `${number(found.length)} of ${number(all)} ${state.view}`;
    done = 0;
    element("rows").replaceChildren();
    if (!found.length) element("rows").append(make("li", "none", "Nothing here: clear the filter to see everything."));
    further();
    for (const name of FILTERS) element("filter").elements[name].value = state[name];
    for (const button of document.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
    }
  }

  function further() {
    const row = state.view === "cases" ? caseRow : requirementRow;
    element("rows").append(...found.slice(done, done + CHUNK).map(row));
    done = Math.min(done + CHUNK, found.length);
    const button = element("further");
    button.hidden = done === found.length;
    button.textContent = `Show more: ${number(found.length - done)} are left`;
  }

  const number = (count) => count.toLocaleString("en").replaceAll(",", "\u202f");

  function caseRow(one) {
    const row = cards.get(one.id) || plainRow(one, one.title, one.level, (body) => fillCase(body, one));
    if (one.id === open) row.firstElementChild.open = true;
    return row;
  }

  function requirementRow(one) {
    const aside = one.cases.length === 1 ? "1 case" : `${number(one.cases.length)} cases`;
    const row = plainRow(one, one.sentence, aside, (body) => fillRequirement(body, one));
    if (one.id === open) row.firstElementChild.open = true;
    return row;
  }

  function plainRow({ id, verdict }, title, aside, fill) {
    const what = make("span", "what", make("code", "", id), make("span", "title", ...words(title)));
    const summary = make("summary", "", make("span", "pill", verdict), what, make("span", "level", aside));
    const details = make("details", "case v-" + verdict, summary);
    details.addEventListener("toggle", () => {
      const body = make("div", "body");
      fill(body);
      details.append(body);
    }, { once: true });
    return make("li", "", details);
  }

  function fillCase(body, one) {
    const cites = make("ul", "cites", ...[...new Set([...one.broken, ...one.cites])].map((id) => {
      const { sentence } = requirements[data.ids.indexOf(id)];
      return make("li", one.broken.includes(id) ? "broken" : "", link(id, id), " ", ...words(sentence));
    }));
    const facts = make("span", "", `${one.mode}, ${data.titles[one.area] || one.area}, ${one.feature}, ${one.ms} ms`);
    body.append(cites);
    if (one.message) body.append(make("pre", "", one.message));
    body.append(make("p", "more", link("link to this case", one.id), facts));
  }

  function fillRequirement(body, one) {
    const told = `${one.level}, on: ${one.actor}. Section “${one.section}”.`;
    const broken = one.broken ? ` Seen broken by ${number(one.broken)} of ${number(one.cases.length)} cases.` : "";
    const inOrder = [...one.cases].sort((a, b) => data.verdicts.indexOf(a.verdict) - data.verdicts.indexOf(b.verdict));
    const list = make("ul", "cites", ...inOrder.slice(0, CHUNK).map((found) => {
      const pill = make("span", "pill", found.verdict);
      return make("li", "v-" + found.verdict, pill, " ", link(found.id, found.id), " " + found.title);
    }));
    const all = link(`all ${number(one.cases.length)} as a list`, `?verdict=all&req=${one.id}`);
    body.append(make("p", "", told + broken), list, make("p", "more", all, link("link to this requirement", one.id)));
  }

  // Controls

  function options(name, first, values) {
    const select = element("filter").elements[name];
    for (const [value, text] of [...first, ...values.map((one) => [one, one])]) {
      const option = make("option", "", text);
      option.value = value;
      select.append(option);
    }
    select.parentElement.hidden = values.length < 2;
  }

  function offerFilter() {
    const has = (member) => (value) => cases.some((one) => one[member] === value);
    options("verdict", [["all", "all"], ["bad", "to look into"]], data.verdicts.filter(has("verdict")));
    options("area", [["", "all"]], data.areas.filter(has("area")));
    options("level", [["", "all"]], data.levels.filter(has("level")));
    options("feature", [["", "all"]], data.features);
    options("mode", [["", "all"]], data.runs.map(({ mode }) => mode));
    options("req", [["", "all"]], data.ids);
    element("filter").elements.verdict.parentElement.hidden = false;
    element("filter").hidden = false;
  }

  function listen() {
    const form = element("filter");
    const changed = () => {
      for (const name of FILTERS) state[name] = form.elements[name].value;
      open = "";
      show();
      writeAddress();
    };
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      Object.assign(state, initial(), { view: state.view, verdict: "all" });
      show();
      writeAddress();
    });
    for (const button of document.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => {
        state.view = button.dataset.view;
        show();
        writeAddress();
      });
    }
    element("further").addEventListener("click", further);
    new IntersectionObserver(([{ isIntersecting }]) => {
      if (isIntersecting && !element("further").hidden) further();
    }, { rootMargin: "600px" }).observe(element("further"));
    addEventListener("hashchange", readAddress);
    addEventListener("keydown", (event) => {
      const isTyping = event.target.matches("input, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      form.elements.q.focus();
    });
  }

  addEventListener("DOMContentLoaded", () => {
    unpack();
    for (const row of document.querySelectorAll("#rows > li")) {
      if (row.firstElementChild) cards.set(row.firstElementChild.id, row);
    }
    offerFilter();
    listen();
    readAddress();
  });
})();
