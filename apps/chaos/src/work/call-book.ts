/** The calls of a time that has a name. */
export interface Page {
  /** How many calls ended in each way: `fine`, or the name of the error. */
  readonly results: Record<string, number>;
  /** What each call cost besides the action itself, in the order of their ends. */
  readonly addedUs: number[];
}

/** How calls ended, by the time in which they did. */
export class CallBook {
  pages: Record<string, Page> = {};
  #page: Page | undefined;

  /** From now on, calls belong to the time of that name; without a page, none is entered. */
  turnTo(name: string): void {
    this.#page = this.pages[name] ??= { results: {}, addedUs: [] };
  }

  /** Begins anew: what came before was practice. */
  forget(): void {
    this.pages = {};
    this.#page = undefined;
  }

  enter(result: string, addedUs: number): void {
    const page = this.#page;
    if (!page) return;
    page.results[result] = (page.results[result] ?? 0) + 1;
    page.addedUs.push(addedUs);
  }
}
