/** The server: what it is asked, and its states as they come. */

const RETRY = 3000;

/** Asks the server; the error's message says why it refused. */
export async function ask(method, path, body) {
  const request = { method, cache: "no-store" };
  if (body !== undefined) Object.assign(request, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Error("The server does not answer. Start it again, or wait for it.");
  }
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(value?.message ?? `The server refused this with status ${answer.status}.`);
  return value;
}

/** Follows the server's states for as long as the page is open; tells when they cease and when they come again. */
export function follow(onState, onConnection) {
  const events = new EventSource("/simulation/events");
  events.addEventListener("open", () => onConnection(true));
  events.addEventListener("state", (event) => onState(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    onConnection(false);
    if (events.readyState !== EventSource.CLOSED) return; // The browser connects again by itself.
    setTimeout(() => follow(onState, onConnection), RETRY);
  });
}
