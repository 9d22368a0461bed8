// Sends what staff pressed, and turns every refusal into one line.

/** Post to the unit; gives the answer or throws an Error with a line for staff. */
export async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body, signal: AbortSignal.timeout(15000) });
  } catch {
    throw new Error("The unit did not hear this. Press again.");
  }
  if (answer.status === 401) location.assign("/login");
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const line = said.error ?? "The unit could not do this. Press again.";
    throw Object.assign(new Error(line), { status: answer.status });
  }
  return said;
}

/** Change an element's text only if it differs, so that screen readers speak once. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const toast = document.getElementById("toast");
let fading = 0;

/** Show a short line for a few seconds. */
export function mention(text) {
  toast.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.textContent = ""; }, 4000);
}
