import { setTimeout as delay } from 'node:timers/promises';
import type { AnsweredPost } from './evidence.js';
import type { PlannedPost } from './plan.js';

const TRIES = 5;
const PAUSE_MS = 200;

/** Makes the posts of the plan, each at its time, and gives all answers. */
export async function postAll(
  url: string,
  plan: readonly PlannedPost[],
  answered: (one: AnsweredPost) => void,
): Promise<AnsweredPost[]> {
  const started = performance.now();
  return Promise.all(
    plan.map(async (post) => {
      await delay(Math.max(0, started + post.atMs - performance.now()));
      const answer = { post, status: await postOnce(url, post) };
      answered(answer);
      return answer;
    }),
  );
}

/** A client's post: the id makes asking again safe, so it asks again when no answer came. */
async function postOnce(url: string, { body }: PlannedPost): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': body.id },
        body: JSON.stringify(body),
      });
      await response.arrayBuffer();
      if (response.status < 500 || tries === TRIES) return response.status;
    } catch {
      if (tries === TRIES) return 0;
    }
    await delay(PAUSE_MS);
  }
}
