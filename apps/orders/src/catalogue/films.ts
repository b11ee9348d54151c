import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { between, seededRandom } from '../seeded-random.js';

/** A film on sale. */
export interface Film {
  /** Its place in the data set, such as `film-0042`. */
  id: string;
  title: string;
  priceCents: number;
  /** Copies in stock on the first day. */
  units: number;
}

/** Prices and stock of this app. */
const CATALOGUE_SEED = 1;

const Rows = z.array(z.object({ Title: z.union([z.string(), z.number()]).nullable() }));

/** The real films of `vega-datasets`, each with a price and a stock that depend on the seed alone. */
export function loadFilms(seed = CATALOGUE_SEED): Film[] {
  const random = seededRandom(`films/${seed}`);
  return Rows.parse(readMovies()).flatMap(({ Title }, index) => {
    const priceCents = between(random, 5, 30) * 100 - 1;
    const units = between(random, 500, 2_000);
    if (Title === null || String(Title).trim() === '') return [];
    const id = `film-${String(index + 1).padStart(4, '0')}`;
    return [{ id, title: String(Title), priceCents, units }];
  });
}

function readMovies(): unknown {
  // The package exports no path to its data, only an entry that would fetch it from the network.
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  return JSON.parse(readFileSync(join(dirname(entry), '../data/movies.json'), 'utf8'));
}
