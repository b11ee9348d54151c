/** Under which the module's options are provided; a registered symbol, so that copies of this package agree. */
export const MODULE_OPTIONS: unique symbol = Symbol.for('bulletproof.nestjs.options');

/** Under which the breakers of the application are provided. */
export const BREAKERS: unique symbol = Symbol.for('bulletproof.nestjs.breakers');
