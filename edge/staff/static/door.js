// Fills the page from each view of the stream.

import * as alerts from "./alerts.js";
import { mention, post, say } from "./ask.js";
import { listen } from "./connection.js";
import * as duty from "./duty.js";
import "./handheld.js";
import * as lamps from "./lamps.js";
import "./manager.js";

const byId = (id) => document.getElementById(id);

function render(view) {
  document.body.dataset.tone = view.tone;
  lamps.feed(view.light, view.at);
  say(byId("word"), view.word);
  say(byId("instruction"), view.instruction);
  items(byId("faults"), view.faults, (fault) => [fault]);
  byId("faults").hidden = view.faults.length === 0;
  alerts.show(view.alerts ?? [], view.bell?.away);
  duty.show(view.bell);
  byId("inside").hidden = !view.answering;
  people(view.people ?? [], view.more ?? 0);
  byId("list").dataset.fresh = view.list?.fresh ? "yes" : "no";
  say(byId("list"), view.list?.short ?? "List not known");
  say(byId("list-line"), view.list?.line ?? "");
  say(byId("counts"), view.counts ?? "");
  say(byId("night"), view.night ?? "");
  say(byId("machine"), view.machine ?? "");
  byId("machine").dataset.soon = view.soon ? "yes" : "no";
  document.title = `${view.word} · Doorwatch`;
}

function people(inside, more) {
  const list = byId("people");
  items(list, inside, (one) => [["b", `Person ${one.number}: ${one.word}`], ["span", one.why]]);
  if (inside.length === 0) items(list, ["Nobody."], (text) => [text], "nobody");
  if (more) {
    const rest = document.createElement("li");
    rest.textContent = `and ${more} more`;
    list.append(rest);
  }
}

// Rebuilt only when something differs, so that live regions speak once.
function items(list, things, partsOf, kind = "") {
  const key = JSON.stringify([things, kind]);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...things.map((thing) => {
    const item = document.createElement("li");
    item.className = kind;
    if (thing.tone) item.dataset.tone = thing.tone;
    for (const part of partsOf(thing)) item.append(typeof part === "string" ? part : made(part));
    return item;
  }));
}

function made([name, text]) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

byId("quiet").addEventListener("click", async () => {
  try {
    await post("/quiet");
    mention("The buzzer is quiet. The lamp stays.");
  } catch (error) {
    mention(error.message);
  }
});

byId("sign-out").addEventListener("click", async () => {
  await post("/logout").catch(() => {});
  location.assign("/login");
});

listen(render, () => {
  lamps.darken();
  alerts.show([]);
  duty.lose();
});

// What the page shows when it cannot be loaded at all; by https or on the unit itself only.
navigator.serviceWorker?.register("/worker.js").catch(() => {});
