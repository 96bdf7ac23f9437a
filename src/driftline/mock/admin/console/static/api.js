// Requests to the mock that serves this page.
import { say } from "./dom.js";

export async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(`/_driftline${path}`, { method, headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  if (response.status === 204) return null;
  const data = await response.json();
  if (!response.ok) throw new Error(data.detail || response.statusText);
  return data;
}

// As `ask`, for actions of the user: shows errors.
export async function attempt(method, path, body) {
  try {
    return { done: true, data: await ask(method, path, body) };
  } catch (error) {
    say(error instanceof TypeError ? "The mock does not respond." : error.message);
    return { done: false };
  }
}
