// Put on the list from here: a PIN opens the last minute; one press on a reason takes a person.
// Pictures are shown while the panel is open, and nothing stays on this phone.

import { mention, post } from "./ask.js";

const byId = (id) => document.getElementById(id);
const panel = byId("manager");
const opener = byId("manager-open");
const pin = byId("manager-pin");
const trouble = byId("manager-trouble");

let closing = 0;

opener.addEventListener("click", () => (panel.hidden ? open() : close()));
byId("manager-close").addEventListener("click", close);
byId("manager-again").addEventListener("click", () => guarded(look));
byId("box-closed").addEventListener("click", () => guarded(closeBox));
byId("token").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(openByToken);
});
pin.addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(unlock);
});
document.addEventListener("visibilitychange", () => document.hidden && !panel.hidden && close());

function open() {
  panel.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  panel.scrollIntoView({ block: "start" });
  byId("managers-pin").focus({ preventScroll: true });
}

function close() {
  shut();
  panel.hidden = true;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
  post("/manager/lock").catch(() => {});
}

// Back to the PIN: no picture stays in the page.
function shut() {
  clearTimeout(closing);
  byId("passers").replaceChildren();
  byId("tonight").replaceChildren();
  byId("token").reset();
  byId("manager-panel").hidden = true;
  pin.hidden = false;
  pin.reset();
  trouble.hidden = true;
}

async function guarded(doing) {
  trouble.hidden = true;
  try {
    await doing();
  } catch (error) {
    if (error.status === 403) shut();
    complain(trouble, error);
  }
}

function complain(line, error) {
  line.textContent = error.message;
  line.hidden = false;
}

async function unlock() {
  const said = await post("/manager/unlock", new URLSearchParams(new FormData(pin)));
  pin.reset();
  pin.hidden = true;
  byId("manager-panel").hidden = false;
  closing = setTimeout(shut, said.seconds * 1000);
  await look();
}

async function look() {
  const answer = await fetch("/manager", { headers: { Accept: "application/json" }, cache: "no-store" });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(said.error ?? "The unit did not answer."), { status: answer.status });
  fill(byId("passers"), said.people.map(passer), "Nobody whose face could be compared.");
  fill(byId("tonight"), said.tonight.map((entry) => listed(entry, said)), "Nobody.");
  lock(byId("token"), said);
  byId("box").hidden = !said.opened;
  byId("box-opened").textContent = said.opened;
}

// Where others could read the code on its way it is not even typed.
function lock(form, said) {
  form.hidden = !said.waits;
  for (const part of form.elements) part.disabled = Boolean(said.refused);
  byId("token-refused").textContent = said.refused;
  byId("token-refused").hidden = !said.refused;
}

async function openByToken() {
  const form = byId("token");
  await post("/manager/token", new URLSearchParams(new FormData(form)));
  form.reset();
  form.hidden = true;
  mention("The list is open.");
}

async function closeBox() {
  await post("/manager/box-closed");
  mention("The unit screens again in a moment.");
  byId("box").hidden = true;
}

function fill(list, items, none) {
  if (!items.length) {
    const item = document.createElement("li");
    item.className = "quiet-note";
    item.textContent = none;
    items = [item];
  }
  list.replaceChildren(...items);
}

function passer(one) {
  const item = byId("passer").content.firstElementChild.cloneNode(true);
  const face = item.querySelector(".passer");
  const why = item.querySelector(".why");
  item.querySelector("img").src = one.photo;
  const lines = [one.line, one.seen, one.listed].filter(Boolean);
  item.querySelector(".who").replaceChildren(...lines.map((text, place) => {
    const line = document.createElement(place ? "span" : "b");
    line.textContent = text;
    return line;
  }));
  face.disabled = one.claimed;
  face.addEventListener("click", () => {
    why.hidden = !why.hidden;
    face.setAttribute("aria-expanded", String(!why.hidden));
  });
  const grounds = item.querySelector(".grounds");
  grounds.append(byId("ground-choices").content.cloneNode(true));
  for (const button of grounds.querySelectorAll("button")) {
    button.addEventListener("click", () => guarded(() => take(one, button.dataset.reason)));
  }
  return item;
}

async function take(one, reason) {
  const entry = await post(`/manager/people/${one.number}/take`, new URLSearchParams({ reason }));
  mention(`On this door’s list: ${entry.words}. ${entry.until}`);
  await look();
  byId("tonight").scrollIntoView({ block: "nearest" });
}

function listed(entry, said) {
  const item = byId("entry").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(name);
  part("img").src = entry.photo;
  part(".what").textContent = `${entry.category}: ${entry.words}, since ${entry.since.replace("at ", "")}`;
  part(".when").textContent = entry.until;
  part(".rings").textContent = entry.rings;
  part(".rings").classList.toggle("trouble", entry.doubtful);
  const form = part("form");
  form.elements.reason.value = entry.reason;
  form.elements.incident.value = said.today;
  form.elements.incident.max = said.today;
  part(".signed").hidden = !said.signed;
  form.elements.passphrase.required = said.signed;
  if (said.refused) {
    complain(form.querySelector(".trouble"), { message: said.refused });
    part("[type=submit]").disabled = true;
    form.elements.passphrase.disabled = true;
  }
  terms(form);
  form.elements.reason.addEventListener("change", () => terms(form));
  const acts = {
    complete: () => { form.hidden = !form.hidden; },
    drop: () => { part(".ask").hidden = false; },
    no: () => { part(".ask").hidden = true; },
    yes: () => guarded(() => drop(entry)),
  };
  for (const button of item.querySelectorAll("[data-act]")) button.addEventListener("click", acts[button.dataset.act]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    complete(entry, form);
  });
  return item;
}

// A term that the reason does not admit is not offered.
function terms(form) {
  const longest = Number(form.elements.reason.selectedOptions[0].dataset.days);
  const choices = [...form.elements.months];
  for (const choice of choices) {
    choice.disabled = Number(choice.value) > 1 && Number(choice.value) * 28 > longest;
    if (choice.disabled) choice.checked = false;
  }
}

async function drop(entry) {
  await post(`/manager/tonight/${entry.id}/drop`);
  mention("Taken off. Nothing of this person is left.");
  await look();
}

async function complete(entry, form) {
  const line = form.querySelector(".trouble");
  const button = form.querySelector("[type=submit]");
  line.hidden = true;
  button.disabled = true;
  try {
    const said = await post(`/manager/tonight/${entry.id}/complete`, new URLSearchParams(new FormData(form)));
    mention(`On the list until ${said.until}.`);
    await look();
  } catch (error) {
    complain(line, error);
  }
  button.disabled = false;
}
