import type { Film } from '../catalogue/films.js';
import type { OrderRequest } from '../orders/order-request.js';
import { between, type Random, seededRandom } from '../seeded-random.js';

/** Why a post is made. */
export type PostKind = 'first' | 'repeat' | 'conflict';

/** One post of the plan. */
export interface PlannedPost {
  /** Milliseconds from the start. */
  atMs: number;
  kind: PostKind;
  body: OrderRequest;
}

/** How many orders, and how they are posted. */
export interface PlanOptions {
  seed: number;
  /** @default 300 */
  orders?: number;
  /** Share of orders posted twice. @default 0.1 */
  repeats?: number;
  /** Share of orders posted again with another body. @default 0.05 */
  conflicts?: number;
  /** Milliseconds from one order to the next. @default 40 */
  everyMs?: number;
}

/** So few that orders meet on the same rows of the stock. */
const POPULAR_FILMS = 40;

/** Draws the posts of the story, in the order of their time; the same seed gives the same posts. */
export function planPosts(
  films: readonly Film[],
  { seed, orders = 300, repeats = 0.1, conflicts = 0.05, everyMs = 40 }: PlanOptions,
): PlannedPost[] {
  const random = seededRandom(`plan/${seed}`);
  const popular = Array.from(
    { length: POPULAR_FILMS },
    () => films[between(random, 0, films.length - 1)] as Film,
  );
  const ids = Array.from({ length: orders }, (_, n) => `order-${String(n + 1).padStart(3, '0')}`);
  const repeated = pick(random, ids, Math.round(orders * repeats));
  const conflicting = pick(random, ids, Math.round(orders * conflicts));
  const posts = ids.flatMap((id, n) => {
    const atMs = Math.round(n * everyMs);
    const body = drawOrder(random, id, popular);
    const post: PlannedPost[] = [{ atMs, kind: 'first', body }];
    // Half of the repeats are double clicks, half come when the order may be in work or done.
    if (repeated.has(id)) {
      const laterMs = random() < 0.5 ? 0 : between(random, 50, 2_000);
      post.push({ atMs: atMs + laterMs, kind: 'repeat', body });
    }
    if (conflicting.has(id)) {
      const atLaterMs = atMs + between(random, 300, 2_000);
      post.push({ atMs: atLaterMs, kind: 'conflict', body: otherThan(body) });
    }
    return post;
  });
  return posts.sort((a, b) => a.atMs - b.atMs);
}

function drawOrder(random: Random, id: string, films: readonly Film[]): OrderRequest {
  const chosen = new Map<string, number>();
  const wanted = between(random, 1, 3);
  while (chosen.size < wanted) {
    const film = films[between(random, 0, films.length - 1)] as Film;
    chosen.set(film.id, between(random, 1, 3));
  }
  return {
    id,
    customer: `customer-${between(random, 1, 90)}@example.org`,
    lines: [...chosen].map(([film, quantity]) => ({ film, quantity })),
  };
}

function otherThan(body: OrderRequest): OrderRequest {
  return { ...body, lines: body.lines.map((line) => ({ ...line, quantity: line.quantity + 1 })) };
}

function pick(random: Random, from: readonly string[], count: number): Set<string> {
  const picked = new Set<string>();
  while (picked.size < count) picked.add(from[between(random, 0, from.length - 1)] as string);
  return picked;
}
