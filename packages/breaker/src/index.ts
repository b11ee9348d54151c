/** Placeholder until the parts below are there. */
export {};
