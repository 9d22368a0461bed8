// Hears the unit and says at once when it does not. What was heard last is not shown again:
// a phone that wakes up shows the curtain until a new message has come.

const SILENCE_MS = 2000;
const RETRY_MS = 1000;

let source = null;
let heardAt = 0;
let lostAt = Date.now();
let triedAt = 0;

/** Call `onView` with each view and `onLost` when there are none any more. */
export function listen(onView, onLost) {
  const lose = () => {
    if (document.body.hasAttribute("data-live")) lostAt = Date.now();
    document.body.removeAttribute("data-live");
    onLost();
  };
  const hear = (event) => {
    heardAt = Date.now();
    onView(JSON.parse(event.data));
    if (!document.hidden) document.body.setAttribute("data-live", "");
  };
  const open = () => {
    source?.close();
    triedAt = Date.now();
    source = new EventSource("/events");
    source.onmessage = hear;
    source.addEventListener("signed-out", () => location.assign("/login"));
  };
  const watch = () => {
    const silence = Date.now() - heardAt;
    if (silence < SILENCE_MS && silence >= 0) return;
    lose();
    tellSince();
    if (Date.now() - triedAt < SILENCE_MS + RETRY_MS || document.hidden) return;
    open();
    askWhetherSignedIn();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      lose();
    } else {
      open();
    }
  });
  window.addEventListener("pageshow", (event) => event.persisted && open());
  setInterval(watch, 250);
  open();
}

function tellSince() {
  const seconds = Math.round((Date.now() - lostAt) / 1000);
  const line = document.getElementById("lost-since");
  line.textContent = heardAt ? `Lost ${seconds} s ago. Trying again…` : "Connecting…";
}

// A page process that was started again knows nobody: then the PIN is asked for once more.
async function askWhetherSignedIn() {
  try {
    const answer = await fetch("/", { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401) location.assign("/login");
  } catch {
    // Still out of reach; the curtain says so already.
  }
}
