import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { AnsweredPost } from './evidence.js';
import type { PlannedPost } from './plan.js';

const TRIES = 5;
const PAUSE_MS = 200;

/** How the posts are made. */
export interface TrafficOptions {
  /** Told of each answer. */
  answered: (one: AnsweredPost) => void;
  /** Makes an end of it; what was not answered rejects. */
  signal: AbortSignal;
}

/** Makes posts of the plan, each at its time counted from the first one, and waits for all answers. */
export async function postAll(
  url: string,
  plan: readonly PlannedPost[],
  { answered, signal }: TrafficOptions,
): Promise<void> {
  const started = performance.now() - (plan[0]?.atMs ?? 0);
  setMaxListeners(0, signal); // every waiting post listens, and that is no leak
  await Promise.all(
    plan.map(async (post) => {
      const waitMs = Math.max(0, started + post.atMs - performance.now());
      await delay(waitMs, undefined, { signal });
      answered({ post, status: await postOnce(url, post, signal) });
    }),
  );
}

/** A client's post: the id makes asking again safe, so it asks again when no answer came. */
async function postOnce(url: string, { body }: PlannedPost, signal: AbortSignal): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': body.id },
        body: JSON.stringify(body),
        signal,
      });
      await response.arrayBuffer();
      if (response.status < 500 || tries === TRIES) return response.status;
    } catch {
      if (tries === TRIES) return 0;
    }
    await delay(PAUSE_MS, undefined, { signal });
  }
}
