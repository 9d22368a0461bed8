// What a phone sounds like. A browser lets a page sound only after somebody has pressed on it.

let context = null;

/** Turn the sound on; must be called while a press is handled. Tells whether it is on. */
export async function enable() {
  try {
    context ??= new AudioContext();
    if (context.state !== "running") await context.resume();
  } catch {
    return false;
  }
  return on();
}

/** Tell whether this phone can be heard. */
export function on() {
  return context?.state === "running";
}

function tone(hertz, startsIn, seconds, loudness) {
  const at = context.currentTime + startsIn;
  const wave = new OscillatorNode(context, { type: "square", frequency: hertz });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(loudness, at);
  gain.gain.setTargetAtTime(0, at + seconds - 0.04, 0.015);
  wave.connect(gain).connect(context.destination);
  wave.start(at);
  wave.stop(at + seconds + 0.1);
}

/** A ban stands at the door. */
export function alarm() {
  if (!on()) return;
  for (const round of [0, 0.5]) {
    tone(980, round, 0.22, 0.5);
    tone(740, round + 0.24, 0.22, 0.5);
  }
}

/** The unit was lost. */
export function loss() {
  if (!on()) return;
  tone(440, 0, 0.3, 0.4);
  tone(330, 0.35, 0.3, 0.4);
  tone(220, 0.7, 0.6, 0.4);
}

/** This is what the phone sounds like, once, to show that it does. */
export function chirp() {
  if (!on()) return;
  tone(660, 0, 0.09, 0.3);
  tone(990, 0.12, 0.12, 0.3);
}
