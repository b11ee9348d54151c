/** Mutants that behave like the scripts they come from, by id, each with the reason. */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
